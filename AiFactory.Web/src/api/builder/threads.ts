import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request, send } from '../http';
import { ApiError, errorFromBody } from '../problem';
import { readNamedEvents } from '../sse';
import { allPages, builderPath } from './path';
import type { Thread, ThreadMessage, ThreadStep } from './types';

const threadPath = (project: string, id: string) => builderPath(project, `threads/${encodeURIComponent(id)}`);

export const threadsQuery = (project: string) =>
  queryOptions({
    queryKey: ['threads', project],
    queryFn: ({ signal }) => allPages<Thread>(builderPath(project, 'threads'), {}, signal),
  });

export const threadQuery = (project: string, id: string) =>
  queryOptions({
    queryKey: ['threads', project, id],
    queryFn: ({ signal }) => request<Thread>(threadPath(project, id), { signal }),
    refetchOnWindowFocus: false,
  });

export function useCreateThread(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { title: string | null; target: string }) => request<Thread>(builderPath(project, 'threads'), { method: 'POST', body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['threads', project], exact: true }),
  });
}

export function useDeleteThread(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<void>(threadPath(project, id), { method: 'DELETE' }),
    onSuccess: (_, id) => {
      client.setQueryData(threadsQuery(project).queryKey, (all) => all?.filter((each) => each.id !== id));
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['threads', project], exact: true });
    },
  });
}

/** What an answer in a thread says while it is made. */
export type ThreadEvent =
  | { kind: 'text'; text: string }
  | { kind: 'step'; step: ThreadStep }
  | { kind: 'done'; message: ThreadMessage };

export async function* sendMessage(project: string, thread: string, content: string, signal: AbortSignal): AsyncGenerator<ThreadEvent> {
  const response = await send(`${threadPath(project, thread)}/messages`, {
    method: 'POST',
    body: { content },
    signal,
    headers: { accept: 'text/event-stream' },
  });
  if (response.body !== null) {
    for await (const { event, data } of readNamedEvents(response.body)) {
      const body: unknown = JSON.parse(data);
      switch (event) {
        case 'message.delta':
          yield { kind: 'text', text: (body as { text: string }).text };
          break;
        case 'message.step':
          yield { kind: 'step', step: body as ThreadStep };
          break;
        case 'message.done':
          yield { kind: 'done', message: (body as { message: ThreadMessage }).message };
          return;
        case 'message.failed':
          throw errorFromBody(0, 'The answer failed', (body as { problem: unknown }).problem, response.headers.get('x-request-id'));
      }
    }
  }
  throw new ApiError(0, 'The answer broke off', 'The connection ended before the answer had.');
}
