import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { eventStream, fakeApi } from '../../testing/fakeApi';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';

const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
const usage = { choices: [], usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 } };
const stop = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

const withDeployments = (deployments: unknown[], chat?: unknown) => ({
  ...signedIn,
  'GET /api/library/projects/default/deployments': { items: deployments, next: null },
  'POST /v1/chat/completions': chat,
});

async function ask(text: string) {
  const user = userEvent.setup();
  await user.type(await screen.findByTestId('playground-message'), text);
  await user.keyboard('{Control>}{Enter}{/Control}');
  return user;
}

test('an answer streams in, with its usage, and the next question carries it', async () => {
  const requests = fakeApi(withDeployments([demoChat], () => eventStream([delta('Hel'), delta('lo'), stop, usage, '[DONE]'])));
  renderPage('/p/default/playground');
  await ask('Hi');
  await waitFor(() => expect(screen.getByTestId('answer').dataset.status).toBe('done'));
  expect(screen.getByTestId('answer').textContent).toBe('Hello');
  expect(screen.getByTestId('prompt-tokens').textContent).toBe('12');
  expect(screen.getByTestId('completion-tokens').textContent).toBe('2');
  await ask('Again');
  await waitFor(() => expect(screen.getAllByTestId('answer')).toHaveLength(2));
  const posts = requests.filter(({ method }) => method === 'POST');
  expect(await posts[0]?.json()).toMatchObject({ model: 'demo-chat', stream: true, stream_options: { include_usage: true } });
  expect(posts[0]?.headers.get('openai-project')).toBe('default');
  expect(((await posts[1]?.json()) as { messages: unknown[] }).messages).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Again' },
  ]);
});

test('a suggestion brings the system prompt that it needs, and the temperature is the model\'s own until one is set', async () => {
  const requests = fakeApi(withDeployments([demoChat], () => eventStream([delta('ok'), stop, usage, '[DONE]'])));
  renderPage('/p/default/playground');
  await userEvent.setup().click(await screen.findByText('When does the reading room open?'));
  await waitFor(() => expect(screen.getByTestId('answer').dataset.status).toBe('done'));
  const body = (await requests.find(({ method }) => method === 'POST')?.json()) as { messages: { role: string; content: string }[]; temperature?: number };
  expect(body.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(body.messages[0]?.content).toContain('[2] The reading room opens at 09:30');
  expect(body.temperature).toBeUndefined();
});

test('stopping ends the request and keeps what has come', async () => {
  let signal: AbortSignal | undefined;
  fakeApi(
    withDeployments([demoChat], (request: Request) => {
      signal = request.signal;
      return eventStreamUntil(request.signal);
    }),
  );
  renderPage('/p/default/playground');
  const user = await ask('Hi');
  await waitFor(() => expect(screen.getByTestId('answer').textContent).toBe('Hel'));
  await user.click(screen.getByTestId('playground-stop'));
  await waitFor(() => expect(screen.getByTestId('answer').dataset.status).toBe('stopped'));
  expect(signal?.aborted).toBe(true);
  expect(screen.getByTestId('answer').textContent).toBe('Hel');
});

test("an error in OpenAI's envelope is shown inline, and can be tried again", async () => {
  let calls = 0;
  fakeApi(
    withDeployments([demoChat], () =>
      ++calls === 1
        ? Response.json({ error: { message: 'The context is too long.', type: 'invalid_request_error', code: 'context_length_exceeded' } }, { status: 400 })
        : eventStream([delta('ok'), usage, '[DONE]']),
    ),
  );
  renderPage('/p/default/playground');
  const user = await ask('Hi');
  expect((await screen.findByTestId('playground-error')).textContent).toContain('The context is too long.');
  await user.click(screen.getByTestId('playground-retry'));
  await waitFor(() => expect(screen.getByTestId('answer').textContent).toBe('ok'));
  expect(screen.queryByTestId('playground-error')).toBeNull();
});

test('a stream that breaks off is an error and not a short answer', async () => {
  fakeApi(withDeployments([demoChat], () => eventStream([delta('Hel')])));
  renderPage('/p/default/playground');
  await ask('Hi');
  expect((await screen.findByTestId('playground-error')).textContent).toContain('broke off');
});

test('without a ready deployment it says which ones are on the way', async () => {
  fakeApi(withDeployments([{ ...demoChat, readyReplicas: 0, phase: 'progressing' }]));
  renderPage('/p/default/playground');
  expect((await screen.findByTestId('empty')).textContent).toContain('demo-chat (progressing)');
});

/** One piece, and then nothing until the client goes away. */
function eventStreamUntil(signal: AbortSignal): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(delta('Hel'))}\n\n`));
      signal.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
    },
  });
  return new Response(stream);
}
