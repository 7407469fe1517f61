import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { cancelRun, isOver, runEvents, runQuery, startRun } from '../../api/builder/runs';
import { ApiError } from '../../api/problem';
import { sessionKey } from '../../api/queryClient';
import { startProgress, withEvent, withRun, type RunProgress } from './runState';

/** Starts a run and watches it. Leaving the page ends the watching; the run goes on, and its own page shows it. */
export function useRun(project: string, flow: string) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<RunProgress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [starting, setStarting] = useState(false);
  const watch = useRef<AbortController | null>(null);
  useEffect(() => () => watch.current?.abort(), []);

  const start = useCallback(
    async (input: Record<string, unknown>, revision: number) => {
      watch.current?.abort();
      const controller = new AbortController();
      watch.current = controller;
      setError(null);
      setProgress(null);
      setStarting(true);
      try {
        const run = await startRun(project, flow, { input, revision });
        setStarting(false);
        setProgress(startProgress(run));
        if (!isOver(run.state)) {
          for await (const event of runEvents(project, run.id, controller.signal)) {
            setProgress((current) => current && withEvent(current, event));
          }
        }
        const ended = await client.fetchQuery({ ...runQuery(project, run.id), staleTime: 0 });
        if (!controller.signal.aborted) {
          setProgress((current) => current && withRun(current, ended));
        }
      } catch (caught) {
        if (!controller.signal.aborted) {
          setError(caught);
        }
        if (caught instanceof ApiError && caught.isSignedOut) {
          client.setQueryData(sessionKey, null);
        }
      } finally {
        if (watch.current === controller) {
          setStarting(false);
          void client.invalidateQueries({ queryKey: ['runs', project] });
        }
      }
    },
    [client, project, flow],
  );

  const id = progress?.id;
  const cancel = useCallback(async () => {
    if (id !== undefined) {
      await cancelRun(project, id).catch(setError);
    }
  }, [project, id]);

  const running = starting || (progress !== null && error === null && !isOver(progress.state));
  return { progress, error, running, start, cancel };
}
