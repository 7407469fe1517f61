import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { sendMessage, threadQuery, threadsQuery } from '../../api/builder/threads';
import type { Thread, ThreadMessage, ThreadStep } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { sessionKey } from '../../api/queryClient';

/** The question that is being answered: not yet part of the thread. */
export interface Pending {
  question: string;
  answer: string;
  steps: ThreadStep[];
  state: 'running' | 'failed' | 'stopped';
  error: unknown;
}

export function useThread(project: string, id: string) {
  const client = useQueryClient();
  const [pending, setPending] = useState<Pending | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const send = useCallback(
    async (question: string) => {
      const controller = new AbortController();
      abort.current = controller;
      const update = (change: (pending: Pending) => Partial<Pending>) => setPending((current) => current && { ...current, ...change(current) });
      const key = threadQuery(project, id).queryKey;
      await client.cancelQueries({ queryKey: key });
      setPending({ question, answer: '', steps: [], state: 'running', error: null });
      try {
        for await (const event of sendMessage(project, id, question, controller.signal)) {
          if (event.kind === 'text') {
            update(({ answer }) => ({ answer: answer + event.text }));
          } else if (event.kind === 'step') {
            update(({ steps }) => ({ steps: withStep(steps, event.step) }));
          } else {
            // The answer stands at once; the ids of both messages come with the thread itself.
            client.setQueryData(key, (thread) => thread && withAnswer(thread, question, event.message));
            setPending(null);
          }
        }
      } catch (error) {
        update(() => (controller.signal.aborted ? { state: 'stopped' } : { state: 'failed', error }));
        if (error instanceof ApiError && error.isSignedOut) {
          client.setQueryData(sessionKey, null);
        }
      } finally {
        void client.invalidateQueries({ queryKey: key, exact: true });
        void client.invalidateQueries({ queryKey: threadsQuery(project).queryKey, exact: true });
      }
    },
    [client, project, id],
  );

  return {
    pending,
    running: pending?.state === 'running',
    send: (question: string) => void send(question),
    stop: () => abort.current?.abort(),
  };
}

function withAnswer(thread: Thread, question: string, answer: ThreadMessage): Thread {
  const asked: ThreadMessage = { id: `asked-${answer.id}`, role: 'user', content: question, createdAt: answer.createdAt };
  return { ...thread, messages: [...(thread.messages ?? []), asked, answer] };
}

function withStep(steps: readonly ThreadStep[], step: ThreadStep): ThreadStep[] {
  const name = stepName(step);
  const others = steps.filter((each) => stepName(each) !== name);
  return [...others, step];
}

export function stepName(step: ThreadStep): string {
  return step.tool ?? step.node ?? step.type;
}
