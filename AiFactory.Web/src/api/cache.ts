import { useMutation } from '@tanstack/react-query';
import { request, withQuery } from './http';

export interface CachePurge {
  /** Answers and vectors; what other gateways hold in memory goes within seconds and is not counted. */
  removed: number;
}

/** Forgets the answers that gateways keep for the project's callers. */
export function usePurgeCache(project: string, onPurged: (purge: CachePurge) => void) {
  return useMutation({
    mutationFn: () => request<CachePurge>(withQuery('/api/cache', { project }), { method: 'DELETE' }),
    onSuccess: onPurged,
  });
}
