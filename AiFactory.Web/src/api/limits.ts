import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { Page } from './types';

export type LimitScope = 'key' | 'user' | 'project' | 'factory';
export type LimitMeasure = 'requests' | 'tokens' | 'cost' | 'concurrency';
export type LimitPeriod = 'minute' | 'hour' | 'day' | 'month' | 'total';

/** Once made only the amount changes. */
export interface LimitRequest {
  name: string;
  scope: LimitScope;
  /** A key's id, a user's subject or a project; null for each one. */
  owner: string | null;
  model: string | null;
  measure: LimitMeasure;
  period: LimitPeriod | null;
  amount: number;
}

export interface Limit extends LimitRequest {
  id: string;
  /** Null for one of the whole factory. */
  project: string | null;
  createdBy: string;
  updatedBy: string;
  createdAt: string;
  updatedAt: string;
}

/** How a limit stands for one owner, as the gateway has it. */
export interface LimitState extends LimitRequest {
  id: string;
  project: string | null;
  used: number;
  /** By requests under way at the gateway that answers. */
  reserved: number;
  /** What all gateways hold, what is reserved included. */
  leased: number;
  remaining: number;
  resetsAt: string | null;
}

export interface LimitStates {
  items: LimitState[];
  currency: string;
  gateways: number;
}

/** A project that is null stands for the whole factory. */
const path = (project: string | null) => (project === null ? '/api/library/limits' : projectPath(project, 'limits'));
const limitPath = (project: string | null, name: string) => `${path(project)}/${encodeURIComponent(name)}`;

/** There are at most 16 of one project, and of the factory. */
export const limitsQuery = (project: string | null) =>
  queryOptions({
    queryKey: ['limits', project],
    queryFn: ({ signal }) => request<Page<Limit>>(path(project), { signal }),
  });

export const limitStatesQuery = (project: string | null) =>
  queryOptions({
    queryKey: ['limit-states', project],
    queryFn: async ({ signal }) => {
      const states = await request<LimitStates>(withQuery('/api/limits', { project }), { signal });
      return { ...states, items: states.items.filter((state) => state.project === project) };
    },
    refetchInterval: 2_000,
  });

export function useSaveLimit(project: string | null) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: ({ isNew, body }: { isNew: boolean; body: LimitRequest }) =>
      isNew ? request<Limit>(path(project), { method: 'POST', body }) : request<Limit>(limitPath(project, body.name), { method: 'PUT', body }),
    onSettled: refresh,
  });
}

export function useDeleteLimit(project: string | null) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (name: string) => request<void>(limitPath(project, name), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

function useRefresh(project: string | null) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['limits', project] });
}
