import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { renderPage, signedIn } from '../../testing/renderPage';

const batch = (over: object = {}) => ({
  id: 'batch_1', endpoint: '/v1/chat/completions', status: 'in_progress', errors: null, output_file_id: null, error_file_id: null, created_at: 1_795_000_000, expires_at: 1_795_086_400,
  request_counts: { total: 1200, completed: 300, failed: 4 }, ...over,
});
const job = (over: object = {}) => ({
  id: 'job_1', status: 'succeeded', url: '/v1/embeddings', createdAt: '2026-11-22T08:00:00Z', expiresAt: '2026-11-23T08:00:00Z', endedAt: '2026-11-22T08:01:00Z',
  progress: { total: 1, done: 1, attempts: 2, waitsUntil: null }, result: { status: 200, body: null, url: '/api/jobs/job_1/result' }, error: null, ...over,
});
const batches = (data: unknown[], has_more = false) => ({ object: 'list', data, first_id: null, last_id: 'batch_1', has_more });

test('a batch shows how far it is, of the project that is open, and is cancelled', async () => {
  let status = 'in_progress';
  const requests = fakeApi({
    ...signedIn,
    'GET /v1/batches': () => batches([batch({ status })]),
    'POST /v1/batches/batch_1/cancel': () => batch({ status: (status = 'cancelling') }),
  });
  renderPage('/p/default/jobs');
  const row = within(await screen.findByTestId('work-batch_1'));
  row.getByText('304 of 1,200, 4 failed');
  expect(row.getByTestId('state').dataset.state).toBe('in-progress');
  await userEvent.setup().click(row.getByLabelText('Cancel batch_1'));
  await waitFor(() => expect(screen.getByTestId('state').dataset.state).toBe('cancelling'));
  expect(screen.queryByLabelText('Cancel batch_1')).toBeNull();
  expect(requests.filter(({ url }) => url.includes('/v1/batches')).every(({ headers }) => headers.get('OpenAI-Project') === 'default')).toBe(true);
});

test('the files of a batch that has ended are downloaded, and older ones follow', async () => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:one');
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  const requests = fakeApi({
    ...signedIn,
    'GET /v1/batches': (request: Request) =>
      new URL(request.url).searchParams.get('after') === 'batch_1' ? batches([batch({ id: 'batch_0', status: 'failed', errors: { data: [{ code: 'x', message: 'No such model.', line: 7 }] } })]) : batches([batch({ status: 'completed', output_file_id: 'file_o', error_file_id: 'file_e' })], true),
    'GET /v1/files/file_o/content': new Response('{"custom_id":"a"}\n'),
  });
  renderPage('/p/default/jobs');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Download answers of batch_1'));
  await waitFor(() => expect(click).toHaveBeenCalledOnce());
  expect((click.mock.contexts[0] as HTMLAnchorElement).download).toBe('file_o.jsonl');
  expect(requests.some(({ url }) => url.endsWith('/v1/files/file_o/content'))).toBe(true);
  screen.getByLabelText('Download errors of batch_1');
  await user.click(screen.getByTestId('work-more'));
  await screen.findByText('Line 7: No such model.');
});

test('a job has its result or its error, and one that has ended is forgotten', async () => {
  let items = [job(), job({ id: 'job_2', status: 'failed', result: null, error: { code: 'x', message: 'The key was revoked.' } })];
  fakeApi({
    ...signedIn,
    'GET /v1/batches': batches([]),
    'GET /api/jobs': () => ({ items, next: null }),
    'DELETE /api/jobs/job_1': () => {
      items = items.slice(1);
      return new Response(null, { status: 204 });
    },
  });
  renderPage('/p/default/jobs?tab=jobs');
  const user = userEvent.setup();
  await screen.findByLabelText('Download the result of job_1');
  within(screen.getByTestId('work-job_2')).getByText('The key was revoked.');
  await user.click(screen.getByLabelText('Forget job_1'));
  await waitFor(() => expect(screen.queryByTestId('work-job_1')).toBeNull());
});

test('without any it is said how one is made; where they cannot be kept, that', async () => {
  fakeApi({ ...signedIn, 'GET /v1/batches': batches([]), 'GET /api/jobs': problem(400, 'Not configured', 'Files and batches need a database.') });
  renderPage('/p/default/jobs');
  await screen.findByText('No batch yet');
  await userEvent.setup().click(screen.getByTestId('tab-jobs'));
  await screen.findByText('Files and batches need a database.');
});
