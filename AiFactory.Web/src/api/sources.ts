import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request } from './http';
import type { Page, Source, SourceRequest, SyncResult } from './types';

const isSyncing = (source: Source): boolean => source.lastSync?.state === 'queued' || source.lastSync?.state === 'running';

export const sourcesQuery = (project: string) =>
  queryOptions({
    queryKey: ['sources', project],
    queryFn: ({ signal }) => request<Page<Source>>(projectPath(project, 'sources'), { signal }),
    refetchInterval: (query) => (query.state.data?.items.some(isSyncing) ? 1_000 : 10_000),
  });

export const syncsQuery = (project: string, source: string) =>
  queryOptions({
    queryKey: ['sources', project, source, 'syncs'],
    queryFn: ({ signal }) => request<Page<SyncResult>>(projectPath(project, `sources/${source}/syncs`), { signal }),
  });

export function useSaveSource(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: ({ id, ...body }: SourceRequest & { id: string | null }) =>
      id === null
        ? request<Source>(projectPath(project, 'sources'), { method: 'POST', body })
        : request<Source>(projectPath(project, `sources/${id}`), { method: 'PUT', body }),
    onSettled: refresh,
  });
}

export function useSyncSource(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (id: string) => request<SyncResult>(projectPath(project, `sources/${id}/sync`), { method: 'POST' }),
    onSettled: refresh,
  });
}

export function useDeleteSource(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (id: string) => request<void>(projectPath(project, `sources/${id}`), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['sources', project] });
}
