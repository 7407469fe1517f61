import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../http';
import { allPages, builderPath } from './path';
import type { Agent, Ruleset, Tool } from './types';

interface Kinds {
  agents: Agent;
  tools: Tool;
  rulesets: Ruleset;
}

/** Agents, tools and rulesets are kept the same way: by name, written whole. */
export const namedQuery = <K extends keyof Kinds>(project: string, kind: K) =>
  queryOptions({
    queryKey: [kind, project],
    queryFn: ({ signal }) => allPages<Kinds[K]>(builderPath(project, kind), {}, signal),
  });

export const agentsQuery = (project: string) => namedQuery(project, 'agents');
export const toolsQuery = (project: string) => namedQuery(project, 'tools');
export const rulesetsQuery = (project: string) => namedQuery(project, 'rulesets');

export function useSaveNamed<K extends keyof Kinds>(project: string, kind: K) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ isNew, body }: { isNew: boolean; body: Kinds[K] }) =>
      isNew
        ? request<Kinds[K]>(builderPath(project, kind), { method: 'POST', body })
        : request<Kinds[K]>(builderPath(project, `${kind}/${encodeURIComponent(body.name)}`), { method: 'PUT', body }),
    onSettled: () => client.invalidateQueries({ queryKey: [kind, project] }),
  });
}

export function useDeleteNamed(project: string, kind: keyof Kinds) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => request<void>(builderPath(project, `${kind}/${encodeURIComponent(name)}`), { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: [kind, project] }),
  });
}
