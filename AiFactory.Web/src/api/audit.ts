import { infiniteQueryOptions, useMutation } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { AuditEntry, CallAuditEntry, ChainCheck, Page } from './types';

const paged = { initialPageParam: null as string | null, getNextPageParam: (page: Page<unknown>) => page.next };

/** Null reads the audit of the whole factory. */
export const auditQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'changes', project],
    queryFn: ({ pageParam, signal }) => {
      const path = project === null ? '/api/library/audit' : projectPath(project, 'audit');
      return request<Page<AuditEntry>>(withQuery(path, { after: pageParam }), { signal });
    },
    ...paged,
  });

/** Null reads the audit of the whole factory. */
export const callAuditQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'calls', project],
    queryFn: ({ pageParam, signal }) => request<Page<CallAuditEntry>>(withQuery('/api/audit', { project, after: pageParam }), { signal }),
    ...paged,
  });

/** Computes every hash anew, which takes a while over a long chain. */
export const useChainCheck = () => useMutation({ mutationFn: () => request<ChainCheck>('/api/audit/check') });
