import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './problem';
import { mayRenew } from './renewal';

export const sessionKey = ['session'] as const;

/** Any 401 ends the session in the console, where it cannot be renewed: the shell then leads to the sign-in page. */
export function createQueryClient(): QueryClient {
  const signOutOn401 = (error: unknown): void => {
    if (!(error instanceof ApiError) || !error.isSignedOut) {
      return;
    }
    if (mayRenew()) {
      void client.refetchQueries({ queryKey: sessionKey }, { cancelRefetch: false });
    } else {
      client.setQueryData(sessionKey, null);
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: signOutOn401 }),
    mutationCache: new MutationCache({ onError: signOutOn401 }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // A refusal stays a refusal; only a server that is away is asked again.
        retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
      },
      mutations: { retry: false },
    },
  });
  return client;
}
