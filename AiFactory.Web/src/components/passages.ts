import type { Passage } from '../api/builder/types';

/** The passages in a step's or a run's output, whether it is the list itself or holds it. */
export function passagesIn(output: unknown): Passage[] {
  if (Array.isArray(output)) {
    return output.filter(isPassage);
  }
  if (typeof output === 'object' && output !== null) {
    const { passages } = output as { passages?: unknown };
    if (Array.isArray(passages)) {
      return passages.filter(isPassage);
    }
    for (const value of Object.values(output)) {
      if (Array.isArray(value) && value.length > 0 && value.every(isPassage)) {
        return value;
      }
    }
  }
  return [];
}

function isPassage(value: unknown): value is Passage {
  return typeof value === 'object' && value !== null && 'documentName' in value && 'text' in value;
}

/** What to show of an output: its text where it has one, else null. */
export function outputText(output: unknown): string | null {
  if (typeof output === 'string') {
    return output;
  }
  if (typeof output === 'object' && output !== null) {
    for (const name of ['text', 'answer', 'output', 'value']) {
      const value = (output as Record<string, unknown>)[name];
      if (typeof value === 'string') {
        return value;
      }
    }
  }
  return null;
}

export function pretty(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

export interface CitedPiece {
  text: string;
  /** The number of a citation, 1 for the first passage. */
  number: number | null;
}

/** "Open at nine [2]." in its words and its citations; a number that no passage has stays a word. */
export function citedPieces(text: string, passages: number): CitedPiece[] {
  const pieces: CitedPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\[(\d{1,3})\]/g)) {
    const number = Number(match[1]);
    if (number >= 1 && number <= passages) {
      if (match.index > end) {
        pieces.push({ text: text.slice(end, match.index), number: null });
      }
      pieces.push({ text: match[0], number });
      end = match.index + match[0].length;
    }
  }
  if (end < text.length) {
    pieces.push({ text: text.slice(end), number: null });
  }
  return pieces;
}
