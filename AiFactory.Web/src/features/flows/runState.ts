import type { Passage, Run, RunChildren, RunEvent, RunState, StepState } from '../../api/builder/types';
import { passagesIn } from '../../components/passages';

export interface StepProgress {
  state: StepState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  error: string | null;
  /** Text that streamed so far. */
  text: string;
  output: unknown;
  /** Of a step that has begun runs. */
  children: RunChildren | null;
}

/** A run as it is watched: what its events have said so far. */
export interface RunProgress {
  id: string;
  state: RunState;
  steps: Record<string, StepProgress>;
  /** The text that streams or streamed last. */
  text: string;
  output: unknown;
  error: string | null;
  passages: Passage[];
}

const blank: StepProgress = { state: 'pending', attempt: 0, startedAt: null, finishedAt: null, error: null, text: '', output: undefined, children: null };

const ended = new Set<StepState>(['succeeded', 'failed', 'skipped']);

export function startProgress(run: Run): RunProgress {
  return withRun({ id: run.id, state: run.state, steps: {}, text: '', output: null, error: null, passages: [] }, run);
}

export function withEvent(progress: RunProgress, event: RunEvent): RunProgress {
  const { node } = event;
  const data = (typeof event.data === 'object' && event.data !== null ? event.data : {}) as Record<string, unknown>;
  const words = textOf(data.error);
  const step = (change: Partial<StepProgress>): RunProgress =>
    node ? { ...progress, steps: { ...progress.steps, [node]: { ...(progress.steps[node] ?? blank), ...change } } } : progress;
  switch (event.type) {
    case 'run.started':
      return { ...progress, state: 'running' };
    case 'step.started': {
      // One that goes on behind the runs that it has begun is what it was.
      const former = progress.steps[node ?? ''];
      if (former?.children && former.state === 'running') {
        return step({ attempt: event.attempt ?? 1 });
      }
      // A step that began anew says its text from the beginning.
      return { ...step({ state: 'running', attempt: event.attempt ?? 1, startedAt: event.at, finishedAt: null, error: null, text: '' }), state: 'running' };
    }
    case 'step.progress':
      // What it began may end after it.
      return ended.has(progress.steps[node ?? '']?.state ?? 'pending') ? step({ children: childrenIn(data) }) : step({ state: 'running', error: null, children: childrenIn(data) });
    case 'step.delta': {
      const former = progress.steps[node ?? '']?.text ?? '';
      // Where the piece begins: what came before it is not said twice, also when a stream was taken up again.
      const offset = typeof data.offset === 'number' ? data.offset : former.length;
      const text = former.slice(0, offset) + (textOf(data.text) ?? '');
      const next = step({ text, state: 'running' });
      return data.answer === false ? next : { ...next, text };
    }
    case 'step.retried':
      return step({ state: 'ready', error: words });
    case 'step.finished': {
      const { output } = data;
      return { ...step({ state: 'succeeded', finishedAt: event.at, error: null, output }), passages: mergePassages(progress.passages, output) };
    }
    case 'step.failed':
      return step({ state: 'failed', finishedAt: event.at, error: words });
    case 'step.skipped':
      return step({ state: 'skipped', finishedAt: event.at });
    case 'run.succeeded':
      return { ...progress, state: 'succeeded', output: data.output };
    case 'run.failed':
      return { ...progress, state: 'failed', error: words };
    case 'run.cancelled':
      return { ...progress, state: 'cancelled' };
    default:
      return progress;
  }
}

/** What the server says of the whole run replaces what was pieced together. */
export function withRun(progress: RunProgress, run: Run): RunProgress {
  const steps = { ...progress.steps };
  let { passages } = progress;
  for (const step of run.steps ?? []) {
    steps[step.node] = {
      text: progress.steps[step.node]?.text ?? '',
      state: step.state,
      attempt: step.attempt,
      startedAt: step.startedAt,
      finishedAt: step.finishedAt,
      error: step.error,
      output: step.output,
      children: step.children ?? null,
    };
    passages = mergePassages(passages, step.output);
  }
  return { ...progress, state: run.state, steps, output: run.output, error: run.error, passages };
}

/** The passages of the last step that gave any: those are the numbers that the answer cites. */
function mergePassages(known: Passage[], output: unknown): Passage[] {
  const found = passagesIn(output);
  return found.length > 0 ? found : known;
}

function childrenIn({ total, done, failed }: Record<string, unknown>): RunChildren | null {
  return typeof total === 'number' && typeof done === 'number' ? { total, done, failed: typeof failed === 'number' ? failed : 0 } : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
