import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sessionKey } from './queryClient';
import { renew } from './renewal';
import type { Session } from './types';

const minute = 60_000;
const again = 10_000;

/** Renews the session shortly before its end, as long as a page is open. */
export function useKeepSession(session: Session | null | undefined) {
  const client = useQueryClient();
  const end = session?.renewable ? (session.expiresAt ?? null) : null;

  useEffect(() => {
    if (end === null) {
      return;
    }
    let timer: ReturnType<typeof setTimeout>;
    const left = Date.parse(end) - Date.now();
    const act = async () => {
      try {
        client.setQueryData(sessionKey, await renew(end));
      } catch {
        // The provider is away: until the end there is time for another try.
        if (Date.parse(end) > Date.now()) {
          timer = setTimeout(() => void act(), again);
        }
      }
    };
    timer = setTimeout(() => void act(), Math.max(1_000, left - Math.min(minute, left / 5)));
    return () => clearTimeout(timer);
  }, [client, end]);
}
