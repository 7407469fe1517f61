import { request } from './http';
import { ApiError } from './problem';
import type { Session } from './types';

/** Whether this browser has a session that can be renewed: its cookie cannot be read from here, and asking without one is an error in every log. */
const flag = 'aifactory.renewable';

export const mayRenew = (): boolean => localStorage.getItem(flag) !== null;

export function remember(session: Session | null): Session | null {
  if (session?.renewable) {
    localStorage.setItem(flag, '1');
  } else {
    localStorage.removeItem(flag);
  }
  return session;
}

/**
 * Puts the session's end off. One tab at a time: providers take a refresh token once, and one that is shown twice ends them all.
 * Null when the session has ended; it throws while the identity provider is away.
 * @param known The end that it has now; null when it is over.
 */
export async function renew(known: string | null): Promise<Session | null> {
  const ask = async (): Promise<Session | null> => {
    try {
      const current = known === null ? null : await request<Session | undefined>('/api/session');
      if (current?.expiresAt && current.expiresAt !== known) {
        return remember(current); // another tab was faster
      }
      return remember(await request<Session>('/api/session/renewal', { method: 'POST' }));
    } catch (error) {
      if (error instanceof ApiError && error.isSignedOut) {
        return remember(null);
      }
      throw error;
    }
  };
  // By http from another machine there are no locks.
  const locks = navigator.locks as LockManager | null | undefined;
  return locks ? await locks.request('aifactory-renewal', ask) : await ask();
}
