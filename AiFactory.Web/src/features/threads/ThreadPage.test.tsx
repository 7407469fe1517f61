import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { passage } from '../../testing/flows';
import { renderPage, signedIn } from '../../testing/renderPage';

const root = '/api/builder/projects/default/threads';
const at = '2026-11-21T04:00:00Z';
const thread = (messages: unknown[]) => ({ id: 't1', title: 'Doors', target: 'flow:docs', createdBy: 'me', createdAt: at, updatedAt: at, messages });
const asked = { id: 'm1', role: 'user', content: 'What is it?', runId: null, passages: null, createdAt: at };
const answered = { id: 'm2', role: 'assistant', content: 'It has one door [1].', runId: 'r1', passages: [passage], createdAt: at };

function named(...events: [string, unknown][]): Response {
  return new Response(events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''), { headers: { 'content-type': 'text/event-stream' } });
}

async function ask(text: string) {
  const user = userEvent.setup();
  await user.type(await screen.findByTestId('thread-message'), text);
  await user.keyboard('{Control>}{Enter}{/Control}');
  return user;
}

test('an answer streams in and stands with its citations and its run', async () => {
  let messages: unknown[] = [];
  fakeApi({
    ...signedIn,
    [`GET ${root}/t1`]: () => thread(messages),
    [`POST ${root}/t1/messages`]: () => {
      messages = [asked, answered];
      return named(['message.step', { type: 'retrieve', state: 'started', node: 'retrieve' }], ['message.delta', { text: 'It has ' }], ['message.delta', { text: 'one door [1].' }], ['message.done', { message: answered }]);
    },
    'GET /api/builder/projects/default/knowledge-bases': { items: [], next: null },
  });
  renderPage('/p/default/threads/t1');
  const user = await ask('What is it?');
  await waitFor(() => expect(screen.getByTestId('answer').textContent).toBe('It has one door 1.'));
  expect(screen.getAllByTestId('question')).toHaveLength(1);
  expect(screen.getByText('How it was made').getAttribute('href')).toBe('/p/default/runs/r1');
  await user.click(screen.getByTestId('citation'));
  expect((await screen.findByTestId('passage')).textContent).toBe(passage.text);
});

test('a tool that failed is shown with its answer, and says why', async () => {
  const call = { type: 'tool', state: 'failed', tool: 'weather', callId: 'c1', error: "'weather.example' did not answer within 5 s." };
  fakeApi({ ...signedIn, [`GET ${root}/t1`]: thread([asked, { ...answered, steps: [call] }]) });
  renderPage('/p/default/threads/t1');
  expect((await screen.findByLabelText('Steps')).textContent).toBe("weather failed: 'weather.example' did not answer within 5 s.");
});

test('an answer that fails says why and can be asked for again', async () => {
  let calls = 0;
  fakeApi({
    ...signedIn,
    [`GET ${root}/t1`]: () => thread([[], [asked], [asked, answered]][calls] ?? []),
    [`POST ${root}/t1/messages`]: () =>
      (calls += 1) === 1
        ? named(['message.delta', { text: 'It' }], ['message.failed', { problem: { type: 'x', title: 'The limit is reached', status: 422, detail: 'The agent took its 8 steps.', code: 'step_limit' } }])
        : named(['message.done', { message: answered }]),
  });
  renderPage('/p/default/threads/t1');
  const user = await ask('What is it?');
  expect((await screen.findByTestId('thread-error')).textContent).toContain('The agent took its 8 steps.');
  // The server has kept the question: it stands once.
  await waitFor(() => expect(screen.getAllByTestId('question')).toHaveLength(1));
  await user.click(screen.getByTestId('thread-retry'));
  await waitFor(() => expect(screen.getByTestId('answer').textContent).toBe('It has one door 1.'));
  expect(screen.queryByTestId('thread-error')).toBeNull();
});

test('a stream that breaks off is an error, and a refusal before it too', async () => {
  let calls = 0;
  fakeApi({ ...signedIn, [`GET ${root}/t1`]: thread([]), [`POST ${root}/t1/messages`]: () => ((calls += 1) === 1 ? named(['message.delta', { text: 'It' }]) : problem(409, 'Conflict', 'An answer is being made.')) });
  renderPage('/p/default/threads/t1');
  const user = await ask('What is it?');
  expect((await screen.findByTestId('thread-error')).textContent).toContain('broke off');
  await user.click(screen.getByTestId('thread-retry'));
  await waitFor(() => expect(screen.getByTestId('thread-error').textContent).toContain('An answer is being made.'));
});

test('a thread is begun on a flow, an agent or a model', async () => {
  const list = (items: unknown[]) => ({ items, next: null });
  const requests = fakeApi({
    ...signedIn,
    [`GET ${root}`]: list([]),
    'GET /api/builder/projects/default/flows': list([{ name: 'docs' }]),
    'GET /api/builder/projects/default/agents': list([{ name: 'porter' }]),
    'GET /api/library/projects/default/deployments': list([]),
    [`POST ${root}`]: thread([]),
    [`GET ${root}/t1`]: thread([]),
  });
  const router = renderPage('/p/default/threads');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-thread'));
  await user.click(await screen.findByTestId('thread-target'));
  await user.click(await screen.findByRole('option', { name: 'porter', hidden: true }));
  await user.click(screen.getByTestId('create-thread'));
  await waitFor(() => expect(router.state.location.pathname).toBe('/p/default/threads/t1'));
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ title: null, target: 'agent:porter' });
});
