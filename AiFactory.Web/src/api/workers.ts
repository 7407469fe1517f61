import { queryOptions } from '@tanstack/react-query';
import { request } from './http';
import type { Page, Worker } from './types';

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: ({ signal }) => request<Page<Worker>>('/api/library/workers', { signal }),
  refetchInterval: 5_000,
});
