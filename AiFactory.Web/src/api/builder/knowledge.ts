import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request, withQuery } from '../http';
import { ApiError } from '../problem';
import { allPages, builderPath } from './path';
import type { DocumentText, KnowledgeBase, KnowledgeBaseRequest, KnowledgeDocument, SearchAnswer, SearchMode } from './types';

const moving = new Set(['queued', 'parsing', 'embedding']);

const basePath = (project: string, name: string) => builderPath(project, `knowledge-bases/${encodeURIComponent(name)}`);
const documentPath = (project: string, base: string, id: string) => `${basePath(project, base)}/documents/${encodeURIComponent(id)}`;

export const documentsPath = (project: string, base: string) => `${basePath(project, base)}/documents`;

export const knowledgeBasesQuery = (project: string) =>
  queryOptions({
    queryKey: ['knowledge', project],
    queryFn: ({ signal }) => allPages<KnowledgeBase>(builderPath(project, 'knowledge-bases'), {}, signal),
    refetchInterval: 10_000,
  });

export const knowledgeBaseQuery = (project: string, name: string) =>
  queryOptions({
    queryKey: ['knowledge', project, name],
    queryFn: ({ signal }) => request<KnowledgeBase>(basePath(project, name), { signal }),
    refetchInterval: 5_000,
  });

/** Asked again every second while a document is on its way. */
export const documentsQuery = (project: string, base: string) =>
  queryOptions({
    queryKey: ['knowledge', project, base, 'documents'],
    queryFn: ({ signal }) => allPages<KnowledgeDocument>(documentsPath(project, base), {}, signal),
    refetchInterval: (query) => (query.state.data?.some(({ state }) => moving.has(state)) ? 1_000 : 10_000),
  });

/** The document's text from `start` on; null when it is gone, or its base is not known. */
export const documentTextQuery = (project: string, base: string | null | undefined, id: string, start: number, length: number) =>
  queryOptions({
    queryKey: ['document-text', project, base ?? null, id, start, length],
    queryFn: async ({ signal }) => {
      if (!base) {
        return null;
      }
      try {
        return await request<DocumentText>(withQuery(`${documentPath(project, base, id)}/text`, { start, length }), { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          return null;
        }
        throw error;
      }
    },
    staleTime: 60_000,
  });

export function useCreateKnowledgeBase(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: KnowledgeBaseRequest) => request<KnowledgeBase>(builderPath(project, 'knowledge-bases'), { method: 'POST', body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['knowledge', project], exact: true }),
  });
}

export function useDeleteKnowledgeBase(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => request<void>(basePath(project, name), { method: 'DELETE' }),
    onSuccess: (_, name) => {
      client.setQueryData(knowledgeBasesQuery(project).queryKey, (all) => all?.filter((each) => each.name !== name));
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['knowledge', project], exact: true });
    },
  });
}

export function useRetryDocument(project: string, base: string) {
  const refresh = useRefreshDocuments(project, base);
  return useMutation({
    mutationFn: (id: string) => request<KnowledgeDocument>(`${documentPath(project, base, id)}/retry`, { method: 'POST' }),
    onSettled: refresh,
  });
}

export function useDeleteDocument(project: string, base: string) {
  const refresh = useRefreshDocuments(project, base);
  return useMutation({
    mutationFn: (id: string) => request<void>(documentPath(project, base, id), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

export function useRefreshDocuments(project: string, base: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['knowledge', project, base] });
}

export function useSearch(project: string, base: string) {
  return useMutation({
    mutationFn: (body: { query: string; limit: number; mode: SearchMode; documents?: readonly string[] }) =>
      request<SearchAnswer>(`${basePath(project, base)}/search`, { method: 'POST', body }),
  });
}
