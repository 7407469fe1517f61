import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { request } from './http';
import { sessionKey } from './queryClient';
import { mayRenew, remember, renew } from './renewal';
import type { Session } from './types';

export type Credentials = { token: string } | { key: string };

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ signal }): Promise<Session | null> => {
    const session = await request<Session | undefined>('/api/session', { signal });
    if (session) {
      return remember(session);
    }
    return mayRenew() ? await renew(null) : null;
  },
  staleTime: 60_000,
});

/** What the button of the identity provider says; null where there is none. */
export const providerQuery = queryOptions({
  queryKey: ['identity-provider'],
  queryFn: async ({ signal }) => (await request<{ name: string | null }>('/api/session/oidc', { signal })).name,
  staleTime: Infinity,
});

/** Whether somebody whom the identity provider vouched for has just signed out: there they are signed in as before. */
export const leftQuery = queryOptions({
  queryKey: ['left'],
  queryFn: () => false,
  initialData: false,
  staleTime: Infinity,
});

export function useSession() {
  return useQuery(sessionQuery);
}

/** Whether whoever is signed in may do it, in the project that is open. The server decides; this only hides what it would refuse. */
export function usePermission(permission: string): boolean {
  const { data } = useSession();
  const { project } = useParams();
  const own = data?.projects?.find(({ name }) => name === project);
  return (own ?? data)?.permissions.includes(permission) ?? false;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (credentials: Credentials): Promise<Session> => {
      await request('/api/session', { method: 'POST', body: credentials });
      return await request<Session>('/api/session');
    },
    onSuccess: (session) => {
      // What the last person saw is not this one's to see.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
      client.setQueryData(sessionKey, remember(session));
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<void>('/api/session', { method: 'DELETE' }),
    onSuccess: () => {
      client.setQueryData(leftQuery.queryKey, client.getQueryData(sessionQuery.queryKey)?.expiresAt != null);
      client.setQueryData(sessionQuery.queryKey, remember(null));
    },
  });
}
