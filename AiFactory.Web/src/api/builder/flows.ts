import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request, withQuery } from '../http';
import type { Page } from '../types';
import { allPages, builderPath } from './path';
import type { Flow, FlowGraph, FlowProblem, FlowRequest, FlowRevision, FlowSaved, PublishedFlow, StepType } from './types';

export const flowPath = (project: string, name: string) => builderPath(project, `flows/${encodeURIComponent(name)}`);

export const stepTypesQuery = queryOptions({
  queryKey: ['step-types'],
  queryFn: ({ signal }) => request<StepType[]>('/api/builder/step-types', { signal }),
  staleTime: Infinity,
});

export const flowsQuery = (project: string) =>
  queryOptions({
    queryKey: ['flows', project],
    queryFn: ({ signal }) => allPages<Flow>(builderPath(project, 'flows'), {}, signal),
    refetchInterval: 10_000,
  });

export function loadFlow(project: string, name: string, signal?: AbortSignal): Promise<Flow> {
  return request<Flow>(flowPath(project, name), { signal });
}

/** The newest revision. Not asked again by itself: the canvas holds what is being edited. */
export const flowQuery = (project: string, name: string) =>
  queryOptions({
    queryKey: ['flows', project, name],
    queryFn: ({ signal }) => loadFlow(project, name, signal),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** Newest first. */
export const revisionsQuery = (project: string, name: string) =>
  infiniteQueryOptions({
    queryKey: ['flows', project, name, 'revisions'],
    queryFn: ({ pageParam, signal }) => request<Page<FlowRevision>>(withQuery(`${flowPath(project, name)}/revisions`, { after: pageParam, limit: '30' }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

/** A revision never changes. */
export const revisionQuery = (project: string, name: string, revision: number) =>
  queryOptions({
    queryKey: ['flows', project, name, 'revisions', revision],
    queryFn: ({ signal }) => request<FlowRevision>(`${flowPath(project, name)}/revisions/${revision}`, { signal }),
    staleTime: Infinity,
  });

export const publishedQuery = (project: string) =>
  queryOptions({
    queryKey: ['published', project],
    queryFn: ({ signal }) => allPages<PublishedFlow>(builderPath(project, 'published'), {}, signal),
  });

export function useCreateFlow(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FlowRequest) => request<Flow>(builderPath(project, 'flows'), { method: 'POST', body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['flows', project], exact: true }),
  });
}

export function useDeleteFlow(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => request<void>(flowPath(project, name), { method: 'DELETE' }),
    onSuccess: (_, name) => {
      client.setQueryData(flowsQuery(project).queryKey, (all) => all?.filter((each) => each.name !== name));
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['flows', project], exact: true });
      void client.invalidateQueries({ queryKey: ['published', project] });
    },
  });
}

/** Refused with 409 when `baseRevision` is not the newest. */
export function saveGraph(project: string, name: string, baseRevision: number, graph: FlowGraph): Promise<FlowSaved> {
  return request<FlowSaved>(`${flowPath(project, name)}/graph`, { method: 'PUT', body: { baseRevision, graph } });
}

export function validateGraph(project: string, flow: string, graph: FlowGraph, signal: AbortSignal): Promise<{ problems: FlowProblem[] }> {
  return request(builderPath(project, 'flows/validate'), { method: 'POST', body: { graph, flow }, signal });
}

export function usePublish(project: string, name: string) {
  const refresh = useRefreshPublished(project);
  return useMutation({
    mutationFn: (body: { alias: string; revision: number | null }) =>
      request<PublishedFlow>(`${flowPath(project, name)}/publish`, { method: 'POST', body }),
    onSettled: refresh,
  });
}

export function useUnpublish(project: string) {
  const refresh = useRefreshPublished(project);
  return useMutation({
    mutationFn: (alias: string) => request<void>(builderPath(project, `published/${encodeURIComponent(alias)}`), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

function useRefreshPublished(project: string) {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['flows', project], exact: true });
    return client.invalidateQueries({ queryKey: ['published', project] });
  };
}
