import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';
import { look, traffic } from '../../testing/traffic';

const aside = {
  id: 'w2:9001', state: 'set-aside', cause: 'failing', until: '2026-11-22T12:01:42.500Z', underWay: 0, load: { waiting: 3, running: 4, cacheUse: 0.425, ageSeconds: 0.84 }, failures: 3, lastFailure: { at: '2026-11-22T12:01:39Z', reason: 'status 503' },
} as const;

test('figures since the start, a replica that is set aside first, and whose figures they are', async () => {
  const counts = traffic(200, { requests: { answered: 150, refused: 0, clientLeft: 0, deadline: 0, failed: 50 }, queued: 2, firstToken: [0, 0, 4], replicas: [...traffic(0).replicas, aside] });
  const requests = fakeApi({ ...signedIn, 'GET /api/traffic': look(100, [counts]) });
  renderPage('/p/default/traffic');
  const user = userEvent.setup();
  await user.click(await screen.findByText('Since start'));
  const row = within(await screen.findByTestId('traffic-demo-chat'));
  await row.findByText('25 %');
  row.getByText('2.0');
  row.getByText('55 ms / 96 ms');
  const [first, second] = screen.getAllByTestId('replica');
  expect(within(first!).getByTestId('state').dataset.state).toBe('set-aside');
  within(first!).getByText('It answers with failures. Tried again in 2.5 s.');
  within(first!).getByText('status 503');
  within(first!).getByText('3 waiting, 4 running');
  within(first!).getByText('cache 43 %, told 840 ms ago');
  within(second!).getByText('none since the start');
  within(second!).getByText('not told');
  expect(screen.getByTestId('seen').textContent).toContain('As gateway one has seen it since');
  expect(new URL(requests.find(({ url }) => url.includes('/api/traffic'))!.url).searchParams.get('project')).toBe('default');
});

test('it asks again and again until it is paused', async () => {
  let second = 100;
  fakeApi({ ...signedIn, 'GET /api/traffic': () => look((second += 2), [traffic(second)]) });
  renderPage('/p/default/traffic');
  const rate = within(await screen.findByTestId('tile-requests'));
  await rate.findByText('1.0');
  await userEvent.setup().click(screen.getByTestId('pause'));
  await waitFor(() => expect(screen.getByTestId('seen').textContent).toContain('Paused at'));
  screen.getByText('Resume');
});

test('the whole factory is for who may see it, with the projects of its deployments', async () => {
  const requests = fakeApi({ ...signedIn, 'GET /api/traffic': look(100, [traffic(1), traffic(1, { id: 'd2', project: 'other', name: 'far', upstream: 'cloud' })]) });
  renderPage('/p/default/traffic');
  await userEvent.setup().click(await screen.findByText('Whole factory'));
  await within(await screen.findByTestId('traffic-far')).findByText('other, upstream cloud');
  expect(requests.some(({ url }) => url.endsWith('/api/traffic'))).toBe(true);
});

test('without a deployment there is a way to one, and a gateway that does not answer is said', async () => {
  fakeApi({ ...signedIn, 'GET /api/session': { ...admin, factoryWide: false }, 'GET /api/traffic': look(100, []) });
  renderPage('/p/default/traffic');
  await screen.findByText('There is nothing to call');
  expect(screen.queryByText('Whole factory')).toBeNull();
});

test('a refusal shows', async () => {
  fakeApi({ ...signedIn, 'GET /api/traffic': problem(403, 'Forbidden', 'You may not read usage.') });
  renderPage('/p/default/traffic');
  await screen.findByText('You may not read usage.');
});
