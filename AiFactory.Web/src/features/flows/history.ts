import type { FlowGraph } from '../../api/builder/types';

/** What undo goes back to, what is shown, and what redo goes forward to. */
export interface History {
  past: FlowGraph[];
  present: FlowGraph;
  future: FlowGraph[];
  /** Edits in a row with the same mark are one step of undo: a drag, or the typing in one field. */
  mark: string | null;
}

export type HistoryAction =
  | { type: 'edit'; change: (graph: FlowGraph) => FlowGraph; mark?: string }
  | { type: 'undo' }
  | { type: 'redo' };

const longest = 200;

export function newHistory(graph: FlowGraph): History {
  return { past: [], present: graph, future: [], mark: null };
}

export function historyReducer(history: History, action: HistoryAction): History {
  const { past, present, future } = history;
  switch (action.type) {
    case 'edit': {
      const next = action.change(present);
      if (next === present) {
        return history;
      }
      const mark = action.mark ?? null;
      const joins = mark !== null && mark === history.mark;
      return { past: joins ? past : [...past.slice(-longest + 1), present], present: next, future: [], mark };
    }
    case 'undo': {
      const last = past.at(-1);
      return last ? { past: past.slice(0, -1), present: last, future: [present, ...future], mark: null } : history;
    }
    case 'redo': {
      const [next, ...later] = future;
      return next ? { past: [...past, present], present: next, future: later, mark: null } : history;
    }
  }
}
