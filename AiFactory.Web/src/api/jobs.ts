import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request, send, withQuery } from './http';

/** OpenAI's batch, as far as the console shows it. Times are seconds since 1970. */
export interface Batch {
  id: string;
  endpoint: string;
  status: 'validating' | 'in_progress' | 'finalizing' | 'cancelling' | 'completed' | 'failed' | 'expired' | 'cancelled';
  errors: { data: { code: string; message: string; line: number | null }[] } | null;
  output_file_id: string | null;
  error_file_id: string | null;
  created_at: number;
  expires_at: number;
  request_counts: { total: number; completed: number; failed: number };
}

export interface Job {
  id: string;
  status: 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'expired';
  url: string;
  createdAt: string;
  expiresAt: string;
  endedAt: string | null;
  progress: { total: number; done: number; attempts: number; waitsUntil: string | null };
  result: { status: number; url: string } | null;
  error: { code: string; message: string } | null;
}

interface BatchPage {
  data: Batch[];
  last_id: string | null;
  has_more: boolean;
}

interface JobPage {
  items: Job[];
  next: string | null;
}

/** Work belongs to a project, which a caller of the whole factory names. */
const of = (project: string) => ({ 'OpenAI-Project': project });

/** So often is looked while something moves. */
const interval = 3_000;

const moving = new Set<string>(['validating', 'in_progress', 'finalizing', 'cancelling', 'queued', 'running']);

/** Whether it has not come to its end. */
export const isMoving = (status: string) => moving.has(status);

export const batchesQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['batches', project],
    queryFn: ({ pageParam, signal }) => request<BatchPage>(withQuery('/v1/batches', { limit: 20, after: pageParam }), { signal, headers: of(project) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ has_more, last_id }) => (has_more ? last_id : null),
    refetchInterval: ({ state }) => (state.data?.pages.some(({ data }) => data.some(({ status }) => isMoving(status))) ? interval : false),
  });

export const jobsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['jobs', project],
    queryFn: ({ pageParam, signal }) => request<JobPage>(withQuery('/api/jobs', { limit: 20, after: pageParam }), { signal, headers: of(project) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some(({ status }) => isMoving(status))) ? interval : false),
  });

export function useCancelBatch(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<Batch>(`/v1/batches/${id}/cancel`, { method: 'POST', headers: of(project) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['batches', project] }),
  });
}

/** One that has not ended is cancelled; one that has is forgotten. */
export function useDeleteJob(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<Job | undefined>(`/api/jobs/${id}`, { method: 'DELETE', headers: of(project) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs', project] }),
  });
}

export interface Download {
  path: string;
  /** As the browser is to save it. */
  name: string;
}

export const fileOf = (id: string): Download => ({ path: `/v1/files/${id}/content`, name: `${id}.jsonl` });

export const resultOf = (job: Job): Download => ({ path: `/api/jobs/${job.id}/result`, name: `${job.id}.json` });

/** A link could not name the project, so the file is fetched and then saved. */
export function useDownload(project: string) {
  return useMutation({
    mutationFn: async ({ path, name }: Download) => {
      const response = await send(path, { headers: { ...of(project), accept: '*/*' } });
      const address = URL.createObjectURL(await response.blob());
      const link = Object.assign(document.createElement('a'), { href: address, download: name });
      link.click();
      // Not before the browser has begun to read it.
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
  });
}
