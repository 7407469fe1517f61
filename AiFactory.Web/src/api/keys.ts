import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request } from './http';
import type { ApiKey, ApiKeyCreated, ApiKeyRequest, KeyRotationRequest, Page } from './types';

export const keysQuery = (project: string) =>
  queryOptions({
    queryKey: ['keys', project],
    queryFn: ({ signal }) => request<Page<ApiKey>>(projectPath(project, 'keys'), { signal }),
  });

export function useCreateKey(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (body: ApiKeyRequest) => request<ApiKeyCreated>(projectPath(project, 'keys'), { method: 'POST', body }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSettled: refresh,
  });
}

export function useRotateKey(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: ({ id, ...body }: KeyRotationRequest & { id: string }) =>
      request<ApiKeyCreated>(projectPath(project, `keys/${id}/rotate`), { method: 'POST', body }),
    gcTime: 0,
    onSettled: refresh,
  });
}

export function useRevokeKey(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (id: string) => request<void>(projectPath(project, `keys/${id}`), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['keys', project] });
}
