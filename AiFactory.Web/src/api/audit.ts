import { infiniteQueryOptions } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { AuditEntry, Page } from './types';

/** Null reads the audit of the whole factory. */
export const auditQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: ['audit', project],
    queryFn: ({ pageParam, signal }) => {
      const path = project === null ? '/api/library/audit' : projectPath(project, 'audit');
      return request<Page<AuditEntry>>(withQuery(path, { after: pageParam }), { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
