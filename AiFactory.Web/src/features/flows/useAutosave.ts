import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { flowsQuery, loadFlow, saveGraph } from '../../api/builder/flows';
import type { FlowGraph, FlowProblem } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { sessionKey } from '../../api/queryClient';

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'dirty' }
  | { kind: 'saving' }
  | { kind: 'failed'; error: unknown }
  /** Somebody else has saved a newer revision than the one that this page began with. */
  | { kind: 'conflict' };

/** Milliseconds without a change before a revision is written. */
const pause = 900;

interface AutosaveOptions {
  project: string;
  name: string;
  graph: FlowGraph;
  loaded: { graph: FlowGraph; revision: number };
  mayWrite: boolean;
  onProblems: (problems: FlowProblem[]) => void;
}

/** Writes each change as a revision, one request at a time. A conflict stops it until the person has decided. */
export function useAutosave({ project, name, graph, loaded, mayWrite, onProblems }: AutosaveOptions) {
  const client = useQueryClient();
  const [state, setState] = useState<SaveState>({ kind: 'saved' });
  const [revision, setRevision] = useState(loaded.revision);
  // The loop below outlives renders, so it reads what is newest from here.
  const newest = useRef(graph);
  const written = useRef(loaded);
  const running = useRef<Promise<boolean> | null>(null);
  const stopped = useRef(false);
  newest.current = graph;

  const save = useCallback(async (): Promise<boolean> => {
    while (newest.current !== written.current.graph) {
      const sent = newest.current;
      setState({ kind: 'saving' });
      try {
        const answer = await saveGraph(project, name, written.current.revision, sent);
        written.current = { graph: sent, revision: answer.revision };
        setRevision(answer.revision);
        if (newest.current === sent) {
          onProblems(answer.problems);
        }
      } catch (error) {
        const conflict = error instanceof ApiError && error.status === 409;
        stopped.current = conflict;
        setState(conflict ? { kind: 'conflict' } : { kind: 'failed', error });
        if (error instanceof ApiError && error.isSignedOut) {
          client.setQueryData(sessionKey, null);
        }
        return false;
      }
    }
    setState({ kind: 'saved' });
    void client.invalidateQueries({ queryKey: flowsQuery(project).queryKey, exact: true });
    return true;
  }, [client, project, name, onProblems]);

  /** True when the newest graph is stored. */
  const flush = useCallback((): Promise<boolean> => {
    if (stopped.current) {
      return Promise.resolve(false);
    }
    running.current ??= save().finally(() => {
      running.current = null;
    });
    return running.current;
  }, [save]);

  useEffect(() => {
    if (!mayWrite || stopped.current || graph === written.current.graph) {
      return;
    }
    setState((current) => (current.kind === 'saving' ? current : { kind: 'dirty' }));
    const timer = setTimeout(() => void flush(), pause);
    return () => clearTimeout(timer);
  }, [graph, flush, mayWrite]);

  const unsaved = state.kind !== 'saved';
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (unsaved) {
      window.addEventListener('beforeunload', warn);
    }
    return () => window.removeEventListener('beforeunload', warn);
  }, [unsaved]);

  // What was changed in the last moment before leaving for another page is written too.
  useEffect(() => {
    return () => {
      if (mayWrite && newest.current !== written.current.graph) {
        void flush();
      }
    };
  }, [flush, mayWrite]);

  /** Writes this page's graph as the revision after theirs. */
  const keepMine = useCallback(async () => {
    try {
      const theirs = await loadFlow(project, name);
      written.current = { ...written.current, revision: theirs.revision };
      stopped.current = false;
      await flush();
    } catch (error) {
      setState({ kind: 'failed', error });
      stopped.current = false;
    }
  }, [project, name, flush]);

  return { state, revision, flush, keepMine, /** The revision that is stored, also before the next render. */ current: () => written.current.revision };
}
