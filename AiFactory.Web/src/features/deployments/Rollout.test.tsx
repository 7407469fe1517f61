import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { formatSpan, sharesOf, spanOfMinutes } from './spans';

const path = '/api/library/projects/default/deployments/demo-chat';
const sample = { requests: 100, failures: 37, left: 3, hanging: 2, p50: 0.4, p95: 1.6, p99: 2 };
const rollout = {
  id: 'r1',
  project: 'default',
  deployment: 'demo-chat',
  candidate: 'chat-v2',
  baseline: 'demo-chat',
  strategy: 'canary',
  state: 'halted',
  step: 0,
  stepSince: '2026-11-22T04:00:00Z',
  percent: 10,
  message: 'chat-v2 failed 37 of 100 requests (37 %), demo-chat failed 9 of 900 requests (1 %): at most 5 % may fail.',
  steps: [
    { percent: 10, duration: '00:10:00', requests: 100 },
    { percent: 50, duration: '01:30:00', requests: null },
  ],
  gates: { maxFailureShare: 0.05, maxFailureIncrease: 0.02, maxP95Ratio: 1.5, maxP99Ratio: null, minRequests: 50, longestWait: '01:00:00' },
  readyWithin: '00:10:00',
  onFailure: 'halt',
  observed: { candidate: sample, baseline: { ...sample, requests: 900, failures: 9 }, before: sample },
  observedAt: '2026-11-22T04:05:00Z',
  createdBy: 'user:ada',
  createdAt: '2026-11-22T03:59:00Z',
  updatedAt: '2026-11-22T04:05:00Z',
  endedAt: null,
};
const interval = (value: number, low: number | null = null, high: number | null = null) => ({ value, low, high, count: 100 });
const times = { mean: interval(0.5), p50: interval(0.5, 0.4, 0.6), p95: interval(1.2, 1.1, 1.4) };
const variant = { id: 'v', name: 'demo-chat', requests: 900, failures: 9, callers: 7, failureShare: interval(0.01, 0.005, 0.019), latency: times, firstToken: times, promptTokens: null, completionTokens: interval(10), cost: null, score: interval(0.5, 0.4, 0.6) };
const report = { model: 'demo-chat', from: '', to: '', currency: 'EUR', method: '95 % bounds.', items: [variant, { ...variant, id: 'w', name: 'chat-v2', requests: 100 }] };
const page = { ...signedIn, [`GET ${path}`]: { ...demoChat, traffic: { splits: [{ deployment: 'chat-v2', percent: 10 }] } }, [`GET ${path}/rollouts`]: { items: [rollout], next: null }, 'GET /api/usage/variants': report };

test('a rollout that halted shows why, with the numbers of both, and is resumed, or ended after a question', async () => {
  const requests = fakeApi({ ...page, [`POST ${path}/rollouts/r1/resume`]: { ...rollout, state: 'running' }, [`POST ${path}/rollouts/r1/abort`]: problem(409, 'Conflict', 'It is completed.') });
  renderPage('/p/default/deployments/demo-chat');
  const panel = within(await screen.findByTestId('rollout'));
  expect((await panel.findByTestId('rollout-state')).dataset.state).toBe('halted');
  expect(panel.getByTestId('rollout-message').textContent).toContain('chat-v2 failed 37 of 100 requests');
  expect(within(panel.getByLabelText('Numbers of both')).getByText('37 (37 %)')).toBeTruthy();
  expect(within(panel.getByLabelText('Numbers of both')).getAllByText('5 (2 hang)')).toHaveLength(2);
  expect(within(panel.getByLabelText('Steps')).getByText('10 min, 100 requests')).toBeTruthy();
  expect(panel.queryByTestId('begin-rollout')).toBeNull();

  const user = userEvent.setup();
  await user.click(panel.getByTestId('resume'));
  await waitFor(() => expect(requests.some(({ method, url }) => method === 'POST' && url.endsWith('/resume'))).toBe(true));
  await user.click(panel.getByTestId('abort'));
  expect(requests.some(({ url }) => url.endsWith('/abort'))).toBe(false);
  await user.click(await screen.findByTestId('confirm'));
  await screen.findByText('It is completed.');
});

test('a rollout is begun with its shares, and a refusal shows at its field', async () => {
  const requests = fakeApi({
    ...page,
    [`GET ${path}/rollouts`]: { items: [], next: null },
    'GET /api/library/projects/default/deployments': { items: [demoChat, { ...demoChat, id: '2', name: 'chat-v2' }], next: null },
    [`POST ${path}/rollouts`]: problem(400, 'Validation failed', 'One field is not valid.', { candidate: ['It is not there any more.'] }),
  });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('begin-rollout'));
  await user.click(await screen.findByTestId('rollout-candidate'));
  await user.click(await screen.findByText('chat-v2', { selector: '[role=option] *, [role=option]' }));
  const shares = screen.getByTestId('rollout-shares');
  await user.clear(shares);
  await user.type(shares, '5, 25');
  await user.click(screen.getByTestId('save'));
  await screen.findByText('It is not there any more.');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({
    candidate: 'chat-v2',
    strategy: 'canary',
    steps: [
      { percent: 5, duration: '00:10:00' },
      { percent: 25, duration: '00:10:00' },
    ],
    gates: { maxFailureShare: 0.05, minRequests: 50 },
    onFailure: 'rollback',
  });
});

test('variants stand side by side with their bounds, and nothing to compare is said', async () => {
  fakeApi(page);
  renderPage('/p/default/deployments/demo-chat');
  const row = within(await screen.findByTestId('variant-demo-chat'));
  row.getByText('0.5 % to 1.9 %');
  row.getByText('400 ms to 600 ms');
  row.getByText('of 7 callers');
  within(screen.getByTestId('variant-chat-v2')).getByText('100');
});

test('times and shares are read as they are written', () => {
  expect(['00:00:45', '00:10:00', '01:30:00', '02:00:00', '1.02:30:00', '10.00:00:00'].map(formatSpan)).toEqual(['45 s', '10 min', '90 min', '2 h', '26.5 h', '10 d']);
  expect([1, 90, 1_500].map(spanOfMinutes)).toEqual(['00:01:00', '01:30:00', '1.01:00:00']);
  expect(sharesOf('5, 25 % 100')).toEqual([5, 25, 100]);
  expect(['', '10, 10', '0', '101', 'a'].map(sharesOf)).toEqual([null, null, null, null, null]);
});
