import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { CachePolicy, RoutingPolicy } from '../../api/types';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { plainCache, plainRouting, policySentences } from './policyText';
import { secondsOf, spanOfSeconds } from './spans';

const path = '/api/library/projects/default/deployments/demo-chat';
const list = { items: [demoChat, { ...demoChat, id: '2', name: 'demo-embed', task: 'embedding' }], next: null };
const traffic = { fallbacks: ['chat-v2'] };

function page(cache: CachePolicy | null, routing: RoutingPolicy | null, more: Record<string, unknown> = {}, task = 'chat') {
  return fakeApi({
    ...signedIn,
    [`GET ${path}`]: { ...demoChat, task, traffic, cache, routing },
    [`GET ${path}/rollouts`]: { items: [], next: null },
    'GET /api/library/projects/default/deployments': list,
    'GET /api/usage/variants': { model: 'demo-chat', from: '', to: '', currency: 'EUR', method: '', items: [] },
    [`PUT ${path}`]: demoChat,
    ...more,
  });
}

const saved = (requests: Request[]) => Promise.all(requests.filter(({ method }) => method === 'PUT').map((request) => request.json() as Promise<Record<string, unknown>>));

test('a deployment that keeps nothing says so, and is given a cache, near questions and a hedge; its traffic is kept', async () => {
  const requests = page(null, null);
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  expect((await screen.findByTestId('policies')).textContent).toContain('No answer is kept, and each request goes to one replica.');
  await user.click(await screen.findByTestId('edit-policies'));
  expect(screen.queryByLabelText('Keep vectors')).toBeNull();
  await user.click(screen.getByLabelText(/^Keep answers/));
  await user.type(screen.getByLabelText('For how long'), '90');
  await user.click(screen.getByLabelText(/^Only where chance has no part/));
  await user.click(screen.getByLabelText(/^Also for questions/));
  const cosine = screen.getByLabelText(/^From a cosine of/);
  await user.clear(cosine);
  await user.type(cosine, '0.905');
  await user.type(screen.getByLabelText('Ask a second replica after'), '800');
  await user.click(screen.getByLabelText(/^Replicas nearby first/));
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('save')).toBeNull());
  const [body] = await saved(requests);
  expect(body).toMatchObject({ name: 'demo-chat', replicas: demoChat.replicas, updatedAt: demoChat.updatedAt, traffic });
  expect(body?.cache).toEqual({ responses: true, ttl: '00:01:30', deterministicOnly: true, semantic: { embeddings: 'demo-embed', threshold: 0.905 } });
  expect(body?.routing).toEqual({ hedgeAfter: '00:00:00.800', preferZone: true });
});

test('policies are shown and taken away; a refusal stands at its field', async () => {
  const answers = [problem(400, 'Validation failed', 'One field is not valid.', { 'routing.hedgeAfter': ['Use 10 milliseconds (00:00:00.010) to five minutes (00:05:00), or none.'] }), Response.json(demoChat)];
  const requests = page({ responses: true, ttl: '2.00:00:00' }, { hedgeAfter: '00:00:01.500' }, { [`PUT ${path}`]: () => answers.shift() });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  const panel = within(await screen.findByTestId('policies'));
  panel.getByText('Answers are kept for 2 d, and given again to who asks the same in the same project. A stream without a first token after 1.5 s is asked of a second replica too.');
  await user.click(await panel.findByTestId('edit-policies'));
  const hedge = screen.getByLabelText('Ask a second replica after');
  await user.clear(hedge);
  await user.type(hedge, '5');
  await user.click(screen.getByTestId('save'));
  await within(screen.getByRole('dialog')).findByText(/^Use 10 milliseconds/);
  await user.clear(hedge);
  await user.click(screen.getByLabelText(/^Keep answers/));
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('save')).toBeNull());
  const [refused, taken] = await saved(requests);
  expect([refused?.cache, refused?.routing]).toEqual([{ responses: true, ttl: '2.00:00:00' }, { hedgeAfter: '00:00:00.005' }]);
  expect([taken?.cache, taken?.routing]).toEqual([null, null]);
});

test('a deployment that embeds can keep vectors', async () => {
  const requests = page(null, null, {}, 'embedding');
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('edit-policies'));
  await user.click(screen.getByLabelText(/^Keep vectors/));
  screen.getByLabelText(/^Keep rankings/);
  expect(screen.queryByLabelText('Ask a second replica after')).toBeNull();
  expect(screen.queryByLabelText(/^Also for questions/)).toBeNull();
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('save')).toBeNull());
  expect((await saved(requests))[0]?.cache).toEqual({ embeddings: true });
});

test('where nothing is ever kept nothing is offered', async () => {
  page(null, null, {}, 'image');
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('edit-policies'));
  expect(screen.queryByLabelText(/^Keep/)).toBeNull();
});

test('a cosine that was cleared is refused, and not the lowest', async () => {
  const refusal = problem(400, 'Validation failed', 'One field is not valid.', { 'cache.semantic.threshold': ['Use 0.5 to 1.'] });
  const requests = page({ responses: true, semantic: { embeddings: 'demo-embed', threshold: 0.95 } }, null, { [`PUT ${path}`]: refusal });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('edit-policies'));
  await user.clear(await screen.findByLabelText(/^From a cosine of/));
  await user.tab();
  await user.click(screen.getByTestId('save'));
  await within(screen.getByRole('dialog')).findByText('Use 0.5 to 1.');
  expect((await saved(requests))[0]?.cache).toMatchObject({ semantic: { threshold: 0 } });
});

test('a viewer sees the policies and no button', async () => {
  page({ embeddings: true }, null, { 'GET /api/session': { ...admin, permissions: admin.permissions.filter((permission) => permission !== 'deployments.write') } });
  renderPage('/p/default/deployments/demo-chat');
  const panel = within(await screen.findByTestId('policies'));
  panel.getByText('The vector of each text is kept for 60 min.');
  expect(panel.queryByTestId('edit-policies')).toBeNull();
});

test('a cache that keeps no answers has neither near questions nor rules on chance, and what the form does not know stays', () => {
  const near = { embeddings: 'demo-embed', threshold: 0.9 };
  expect(plainCache({ responses: false, deterministicOnly: true, semantic: near, ttl: '00:01:00' })).toBeNull();
  expect(plainCache({ embeddings: true, deterministicOnly: true, semantic: near })).toEqual({ embeddings: true });
  expect(plainCache({ responses: true, newer: 1 } as CachePolicy)).toEqual({ responses: true, newer: 1 });
  expect(plainCache({ responses: false, newer: 1 } as CachePolicy)).toEqual({ newer: 1 });
  expect(policySentences('embedding', { responses: true }, null)[0]).toContain('Rankings are kept');
  expect(plainRouting({ hedgeAfter: null, preferZone: false })).toBeNull();
  expect(policySentences('chat', { responses: true, semantic: near }, null).at(-1)).toContain('0.9, as demo-embed sees them');
});

test('lengths of time are exact to the millisecond, both ways', () => {
  for (const [span, seconds] of [['00:00:00.057', 0.057], ['00:00:01', 1], ['01:01:01.500', 3661.5], ['30.00:00:00', 2_592_000]] as const) {
    expect(spanOfSeconds(seconds)).toBe(span);
    expect(secondsOf(span)).toBeCloseTo(seconds, 6);
  }
});
