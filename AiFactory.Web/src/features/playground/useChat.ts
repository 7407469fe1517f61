import { useCallback, useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { streamChat, type ChatRequest } from '../../api/chat';
import { ApiError } from '../../api/problem';
import { sessionKey } from '../../api/queryClient';
import { conversation, isRunning, newTurn, withText, type Turn } from './turn';

export interface ChatSettings {
  model: string;
  system: string;
  /** Null: the model's own. */
  temperature: number | null;
  maxTokens: number | null;
}

export function chatRequest(settings: ChatSettings, turns: readonly Turn[], question: string): ChatRequest {
  return {
    model: settings.model,
    messages: conversation(settings.system, turns, question),
    ...(settings.temperature !== null && { temperature: settings.temperature }),
    ...(settings.maxTokens !== null && { max_tokens: settings.maxTokens }),
  };
}

/** A conversation with one deployment at a time. Leaving the page stops the answer at the worker. */
export function useChat(project: string, settings: ChatSettings) {
  const client = useQueryClient();
  const [turns, setTurns] = useState<Turn[]>([]);
  const abort = useRef<AbortController | null>(null);
  const nextId = useRef(1);
  useEffect(() => () => abort.current?.abort(), []);

  const ask = useCallback(
    async (question: string, before: readonly Turn[], settings: ChatSettings) => {
      const controller = new AbortController();
      abort.current = controller;
      const turn = newTurn(nextId.current++, question, performance.now());
      const update = (change: (turn: Turn) => Turn) =>
        setTurns((all) => all.map((each) => (each.id === turn.id ? change(each) : each)));
      setTurns([...before, turn]);
      try {
        for await (const event of streamChat(project, chatRequest(settings, before, question), controller.signal)) {
          if (event.kind === 'text') {
            const now = performance.now();
            update((each) => withText(each, event.text, now));
          } else if (event.kind === 'finish') {
            update((each) => ({ ...each, finishReason: event.reason }));
          } else {
            update((each) => ({ ...each, usage: event.usage }));
          }
        }
        update((each) => ({ ...each, status: 'done' }));
      } catch (error) {
        if (controller.signal.aborted) {
          update((each) => ({ ...each, status: 'stopped' }));
          return;
        }
        update((each) => ({ ...each, status: 'failed', error }));
        if (error instanceof ApiError && error.isSignedOut) {
          client.setQueryData(sessionKey, null);
        }
      }
    },
    [client, project],
  );

  const running = isRunning(turns.at(-1));
  return {
    turns,
    running,
    /** With the settings of the page, or with others when a suggestion has just changed them. */
    send: (question: string, changed: ChatSettings = settings) => void ask(question, turns, changed),
    retry: () => {
      const last = turns.at(-1);
      if (last) {
        void ask(last.question, turns.slice(0, -1), settings);
      }
    },
    stop: () => abort.current?.abort(),
    clear: () => {
      abort.current?.abort();
      setTurns([]);
    },
  };
}
