import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import type { ApprovalPolicy, Page, Project } from './types';

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: ({ signal }) => request<Page<Project>>('/api/library/projects', { signal }),
  staleTime: 30_000,
});

export function useProjects() {
  return useQuery(projectsQuery);
}

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; displayName: string | null; approvalPolicy: ApprovalPolicy }) =>
      request<Project>('/api/library/projects', { method: 'POST', body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
  });
}
