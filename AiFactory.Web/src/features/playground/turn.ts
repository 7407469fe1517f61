import type { ChatMessage, Usage } from '../../api/chat';

/** One question and its answer. Times are milliseconds of `performance.now()`. */
export interface Turn {
  id: number;
  question: string;
  answer: string;
  status: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  error: unknown;
  finishReason: string | null;
  startedAt: number;
  firstTokenAt: number | null;
  lastTokenAt: number | null;
  /** Pieces of text that came: close to the number of tokens, until the usage tells it exactly. */
  pieces: number;
  usage: Usage | null;
}

/** Milliseconds. */
const SHORTEST_MEASURED = 10;

export function newTurn(id: number, question: string, now: number): Turn {
  return {
    id,
    question,
    answer: '',
    status: 'waiting',
    error: null,
    finishReason: null,
    startedAt: now,
    firstTokenAt: null,
    lastTokenAt: null,
    pieces: 0,
    usage: null,
  };
}

export function withText(turn: Turn, text: string, now: number): Turn {
  return {
    ...turn,
    answer: turn.answer + text,
    status: 'streaming',
    firstTokenAt: turn.firstTokenAt ?? now,
    lastTokenAt: now,
    pieces: turn.pieces + 1,
  };
}

export function timeToFirstToken(turn: Turn): number | null {
  return turn.firstTokenAt === null ? null : turn.firstTokenAt - turn.startedAt;
}

export function completionTokens(turn: Turn): number {
  return turn.usage?.completionTokens ?? turn.pieces;
}

/** The first token waits for the prompt, so only those after it count; null before there are two, and when all came at once: the browser cannot tell how fast the model was then. */
export function tokensPerSecond(turn: Turn): number | null {
  const tokens = completionTokens(turn) - 1;
  if (turn.firstTokenAt === null || turn.lastTokenAt === null || tokens < 1 || turn.lastTokenAt - turn.firstTokenAt < SHORTEST_MEASURED) {
    return null;
  }
  return (tokens * 1000) / (turn.lastTokenAt - turn.firstTokenAt);
}

export function isRunning(turn: Turn | undefined): boolean {
  return turn?.status === 'waiting' || turn?.status === 'streaming';
}

/** What the model is told: the system prompt, the turns that were answered, and the new question. */
export function conversation(system: string, turns: readonly Turn[], question: string | null): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (system.trim() !== '') {
    messages.push({ role: 'system', content: system.trim() });
  }
  for (const turn of turns) {
    if (turn.answer !== '') {
      messages.push({ role: 'user', content: turn.question }, { role: 'assistant', content: turn.answer });
    }
  }
  if (question !== null) {
    messages.push({ role: 'user', content: question });
  }
  return messages;
}
