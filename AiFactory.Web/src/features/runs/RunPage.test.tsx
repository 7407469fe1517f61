import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { eventStream, fakeApi } from '../../testing/fakeApi';
import { finishedRun, finishedRunSummary, run } from '../../testing/flows';
import { renderPage, signedIn } from '../../testing/renderPage';

const root = '/api/builder/projects/default/runs';
const event = (sequence: number, type: string, node: string | null = null) => ({ sequence, type, node, attempt: 1, at: '2026-11-21T04:00:01Z', data: null });

test('a run shows its steps with their times, its output, its events and its trace', async () => {
  fakeApi({ ...signedIn, [`GET ${root}/r1`]: finishedRun(), [`GET ${root}/r1/events`]: () => eventStream([event(1, 'run.started'), event(2, 'step.started', 'input'), event(0, 'step.delta', 'model'), event(3, 'run.succeeded')]) });
  renderPage('/p/default/runs/r1');
  const step = await screen.findByTestId('step-model');
  expect(step.textContent).toContain('attempt 2');
  expect(step.textContent).toContain('1.0 s');
  expect(screen.getByTestId('run-output').textContent).toContain('It has one door 1.');
  await waitFor(() => expect(screen.getAllByTestId('event')).toHaveLength(3));
  expect(screen.getByRole('button', { name: 'Copy trace id' })).toBeDefined();
  await userEvent.setup().click(within(screen.getByTestId('step-retrieve')).getByRole('button', { expanded: false }));
  expect(screen.getByTestId('step-retrieve').textContent).toContain('"documentName": "Gateway/README.md"');
});

test('a large output shows its beginning, and leads to the whole', async () => {
  const steps = finishedRun().steps?.map((step) => (step.node === 'model' ? { ...step, output: { text: 'Once upon' }, truncated: true } : step)) ?? [];
  fakeApi({ ...signedIn, [`GET ${root}/r1`]: { ...finishedRun(), steps }, [`GET ${root}/r1/events`]: () => eventStream([event(1, 'run.succeeded')]) });
  renderPage('/p/default/runs/r1');
  const user = userEvent.setup();
  const cut = await screen.findByTestId('step-model');
  await user.click(within(cut).getByRole('button', { expanded: false }));
  expect(within(cut).getByRole('link', { name: 'Open the whole as JSON' }).getAttribute('href')).toBe(`${root}/r1/steps/model`);
  const whole = screen.getByTestId('step-retrieve');
  await user.click(within(whole).getByRole('button', { expanded: false }));
  expect(within(whole).queryByTestId('truncated')).toBeNull();
});

test('a map shows how far its runs are, and leads to each; each leads back', async () => {
  const parent = { runId: 'r1', node: 'each', index: 1 };
  const step = { node: 'each', type: 'map', state: 'running', attempt: 1, startedAt: '2026-11-21T04:00:01Z', finishedAt: null, output: null, error: null, truncated: false, children: { total: 10, done: 3, failed: 1 } };
  fakeApi({
    ...signedIn,
    [`GET ${root}/r1`]: { ...run({ state: 'running' }), steps: [step] },
    [`GET ${root}/r1/events`]: () => eventStream([event(1, 'run.started')], false),
    [`GET ${root}/r1/steps/each/runs`]: { items: [{ ...finishedRunSummary(), id: 'c1', title: 'second item', parent }], next: null },
    [`GET ${root}/c1`]: { ...finishedRun(), id: 'c1', parent },
    [`GET ${root}/c1/events`]: () => eventStream([event(1, 'run.succeeded')]),
  });
  renderPage('/p/default/runs/r1');
  const user = userEvent.setup();
  const each = await screen.findByTestId('step-each');
  expect(each.textContent).toContain('3 of 10 done, 1 failed');
  await user.click(within(each).getByRole('button', { expanded: false }));
  const child = await within(each).findByTestId('child-run');
  expect(child.textContent).toContain('succeeded');
  await user.click(within(child).getByRole('link', { name: 'second item' }));
  const back = await screen.findByRole('link', { name: 'Run of the step each, number 1' });
  expect(back.getAttribute('href')).toBe('/p/default/runs/r1');
});

test('a passage that names no knowledge base says why its document is not shown', async () => {
  fakeApi({ ...signedIn, [`GET ${root}/r1`]: finishedRun(), [`GET ${root}/r1/events`]: () => eventStream([event(1, 'run.succeeded')]) });
  renderPage('/p/default/runs/r1');
  await userEvent.setup().click(await screen.findByTestId('citation'));
  expect(await screen.findByText('The document cannot be opened from here')).toBeDefined();
  expect(screen.queryByText('The document is not here any more')).toBeNull();
});

test('events that break off are taken up behind the last that came', async () => {
  const requests = fakeApi({
    ...signedIn,
    [`GET ${root}/r1`]: run({ state: 'running' }),
    [`GET ${root}/r1/events`]: (request: Request) => (new URL(request.url).searchParams.get('after') === '0' ? eventStream([event(1, 'run.started'), event(2, 'step.started', 'input')]) : eventStream([event(3, 'run.succeeded')])),
  });
  renderPage('/p/default/runs/r1');
  await waitFor(() => expect(screen.getAllByTestId('event')).toHaveLength(3));
  const asked = requests.filter(({ url }) => url.includes('/events')).map(({ url }) => new URL(url).searchParams.get('after'));
  expect(asked).toEqual(['0', '2']);
});

test('a run that goes on can be cancelled', async () => {
  let state = 'running' as 'running' | 'cancelled';
  fakeApi({
    ...signedIn,
    [`GET ${root}/r1`]: () => run({ state }),
    [`GET ${root}/r1/events`]: () => eventStream([event(1, 'run.started')], false),
    [`POST ${root}/r1/cancel`]: () => run({ state: (state = 'cancelled') }),
  });
  renderPage('/p/default/runs/r1');
  await userEvent.setup().click(await screen.findByTestId('cancel-run'));
  await waitFor(() => expect(screen.getAllByTestId('run-state')[0]?.textContent).toBe('cancelled'));
  expect(screen.queryByTestId('cancel-run')).toBeNull();
});

test('the filters of the list are in the address, and go to the server', async () => {
  const requests = fakeApi({ ...signedIn, [`GET ${root}`]: { items: [finishedRunSummary()], next: null }, 'GET /api/builder/projects/default/flows': { items: [], next: null } });
  const router = renderPage('/p/default/runs?flow=docs');
  const row = await screen.findByTestId('run-r1');
  expect(row.textContent).toContain('What is it?');
  expect(row.textContent).toContain('129');
  const user = userEvent.setup();
  await user.click(screen.getByTestId('filter-state'));
  await user.click(await screen.findByRole('option', { name: 'failed', hidden: true }));
  await waitFor(() => expect(router.state.location.search).toBe('?flow=docs&state=failed'));
  await waitFor(() => expect(requests.some(({ url }) => url.endsWith('/runs?flow=docs&state=failed'))).toBe(true));
});
