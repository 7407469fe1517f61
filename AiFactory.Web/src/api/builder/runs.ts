import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request, send, withQuery } from '../http';
import { ApiError } from '../problem';
import { readNamedEvents } from '../sse';
import type { Page } from '../types';
import { flowPath } from './flows';
import { builderPath } from './path';
import type { Run, RunEvent, RunSummary } from './types';

export const isOver = (state: string): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled';

export const runPath = (project: string, id: string) => builderPath(project, `runs/${encodeURIComponent(id)}`);

/** One step with its whole output. */
export const stepPath = (project: string, run: string, node: string) => `${runPath(project, run)}/steps/${encodeURIComponent(node)}`;

export const runsQuery = (project: string, filter: { flow: string | null; state: string | null }) =>
  infiniteQueryOptions({
    queryKey: ['runs', project, 'list', filter],
    queryFn: ({ pageParam, signal }) => request<Page<RunSummary>>(withQuery(builderPath(project, 'runs'), { ...filter, after: pageParam }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) => (query.state.data?.pages.some(({ items }) => items.some(({ state }) => !isOver(state))) ? 1_500 : 10_000),
  });

/** What a step has begun, in the order of its items or turns; while the step runs, there may come more. */
export const childRunsQuery = (project: string, run: string, node: string, goesOn: boolean) =>
  infiniteQueryOptions({
    queryKey: ['runs', project, 'one', run, 'children', node],
    queryFn: ({ pageParam, signal }) => request<Page<RunSummary>>(withQuery(`${stepPath(project, run, node)}/runs`, { after: pageParam }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) => (goesOn || query.state.data?.pages.some(({ items }) => items.some(({ state }) => !isOver(state))) ? 1_500 : false),
  });

export const runQuery = (project: string, id: string) =>
  queryOptions({
    queryKey: ['runs', project, 'one', id],
    queryFn: ({ signal }) => request<Run>(runPath(project, id), { signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : 1_000),
  });

export function startRun(project: string, flow: string, body: { input: Record<string, unknown>; revision?: number }): Promise<Run> {
  return request<Run>(`${flowPath(project, flow)}/runs`, { method: 'POST', body });
}

export function cancelRun(project: string, id: string): Promise<Run> {
  return request<Run>(`${runPath(project, id)}/cancel`, { method: 'POST' });
}

export function useCancelRun(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => cancelRun(project, id),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs', project] }),
  });
}

const ends = new Set(['run.succeeded', 'run.failed', 'run.cancelled']);

/** How often a broken stream is taken up again before it is an error. */
const attempts = 5;

/** The events of a run from its beginning to its end. A connection that breaks is taken up behind the last event that came. */
export async function* runEvents(project: string, id: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  let after = 0;
  let failures = 0;
  for (;;) {
    try {
      const response = await send(withQuery(`${runPath(project, id)}/events`, { after }), { signal, headers: { accept: 'text/event-stream' } });
      if (response.body !== null) {
        for await (const { event, data } of readNamedEvents(response.body)) {
          const next = JSON.parse(data) as RunEvent;
          const type = next.type ?? event ?? '';
          // Pieces of text are live only and have no number of their own.
          if (type !== 'step.delta') {
            after = Math.max(after, next.sequence);
          }
          failures = 0;
          yield { ...next, type };
          if (ends.has(type)) {
            return;
          }
        }
      }
      failures += 1;
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status !== 0 && error.status < 500)) {
        throw error;
      }
      failures += 1;
      if (failures >= attempts) {
        throw error;
      }
    }
    if (failures >= attempts) {
      throw new ApiError(0, 'The run cannot be watched', 'Its events break off again and again. The page of the run shows how it went on.');
    }
    await new Promise((resolve) => setTimeout(resolve, 300 * failures));
  }
}
