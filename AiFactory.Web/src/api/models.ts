import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { namePath, projectPath, request, withQuery } from './http';
import type { ApprovalRequest, Model, ModelVersion, Page } from './types';

const moving = new Set(['discovered', 'scanning']);

/** How often to ask again: often while a version is on its way through the gate. */
export function modelsInterval(models: readonly Model[] | undefined): number {
  return models?.some((model) => model.versions.some((version) => moving.has(version.state))) ? 2_000 : 10_000;
}

export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ['models', project],
    queryFn: async ({ signal }) => {
      const all: Model[] = [];
      let after: string | null = null;
      do {
        const page: Page<Model> = await request<Page<Model>>(withQuery(projectPath(project, 'models'), { after }), { signal });
        all.push(...page.items);
        after = page.next;
      } while (after !== null);
      return all;
    },
    refetchInterval: (query) => modelsInterval(query.state.data),
  });

export const modelQuery = (project: string, name: string) =>
  queryOptions({
    queryKey: ['models', project, name],
    queryFn: ({ signal }) => request<Model>(projectPath(project, `models/${namePath(name)}`), { signal }),
    refetchInterval: (query) => modelsInterval(query.state.data && [query.state.data]),
  });

export function useDecide(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, ...body }: ApprovalRequest & { version: string }) =>
      request<ModelVersion>(projectPath(project, `versions/${version}/approvals`), { method: 'POST', body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['models', project] }),
  });
}

export function useRevoke(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, reason }: { version: string; reason: string }) =>
      request<ModelVersion>(projectPath(project, `versions/${version}/revocation`), { method: 'POST', body: { reason } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['models', project] }),
  });
}
