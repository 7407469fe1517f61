import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useRefreshDocuments } from '../../api/builder/knowledge';
import { uploadDocument } from '../../api/builder/upload';
import { ApiError } from '../../api/problem';
import { sessionKey } from '../../api/queryClient';

export interface Upload {
  id: number;
  file: File;
  state: 'waiting' | 'sending' | 'failed';
  /** 0 to 1. */
  progress: number;
  error: unknown;
}

/** How many files leave at once. */
const together = 2;

/** The files on their way. One that has arrived leaves this list: it is a document from then on. Leaving the page stops them. */
export function useUploads(project: string, base: string) {
  const client = useQueryClient();
  const refresh = useRefreshDocuments(project, base);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const running = useRef(new Map<number, AbortController>());
  const nextId = useRef(1);

  useEffect(() => {
    const controllers = running.current;
    return () => controllers.forEach((controller) => controller.abort());
  }, []);

  const change = useCallback(
    (id: number, part: Partial<Upload>) => setUploads((all) => all.map((each) => (each.id === id ? { ...each, ...part } : each))),
    [],
  );

  useEffect(() => {
    for (const { id, file } of uploads.filter(({ state }) => state === 'waiting')) {
      if (running.current.size >= together) {
        return;
      }
      if (running.current.has(id)) {
        continue;
      }
      const controller = new AbortController();
      running.current.set(id, controller);
      change(id, { state: 'sending', progress: 0, error: null });
      uploadDocument({ project, base, file, signal: controller.signal, onProgress: (progress) => change(id, { progress }) })
        .then(async () => {
          await refresh();
          setUploads((all) => all.filter((each) => each.id !== id));
        })
        .catch((error: unknown) => {
          if (controller.signal.aborted) {
            setUploads((all) => all.filter((each) => each.id !== id));
            return;
          }
          change(id, { state: 'failed', error });
          if (error instanceof ApiError && error.isSignedOut) {
            client.setQueryData(sessionKey, null);
          }
        })
        .finally(() => {
          running.current.delete(id);
          // Another one may leave now.
          setUploads((all) => [...all]);
        });
    }
  }, [uploads, project, base, change, client, refresh]);

  return {
    uploads,
    add: (files: readonly File[]) =>
      setUploads((all) => [...all, ...files.map((file): Upload => ({ id: nextId.current++, file, state: 'waiting', progress: 0, error: null }))]),
    retry: (id: number) => change(id, { state: 'waiting' }),
    dismiss: (id: number) => {
      running.current.get(id)?.abort();
      setUploads((all) => all.filter((each) => each.id !== id));
    },
  };
}
