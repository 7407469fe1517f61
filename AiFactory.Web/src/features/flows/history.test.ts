import { expect, test } from 'vitest';
import type { FlowGraph } from '../../api/builder/types';
import { historyReducer, newHistory, type History, type HistoryAction } from './history';

const empty: FlowGraph = { nodes: [], edges: [] };
const node = (x: number): FlowGraph => ({ nodes: [{ id: 'a', type: 'input', title: null, x, y: 0, settings: {} }], edges: [] });
const edit = (x: number, mark?: string): HistoryAction => ({ type: 'edit', change: () => node(x), mark });
const after = (...actions: HistoryAction[]): History => actions.reduce(historyReducer, newHistory(empty));

test('undo goes back and redo forward, until something new is done', () => {
  const undone = after(edit(1), edit(2), { type: 'undo' });
  expect(undone.present).toEqual(node(1));
  expect(historyReducer(undone, { type: 'redo' }).present).toEqual(node(2));
  expect(historyReducer(undone, edit(3)).future).toEqual([]);
});

test('a drag is one step back, and the next drag another', () => {
  const dragged = after(edit(1, 'move 1'), edit(2, 'move 1'), edit(3, 'move 2'));
  expect(dragged.past).toHaveLength(2);
  const once = historyReducer(dragged, { type: 'undo' });
  expect(once.present).toEqual(node(2));
  expect(historyReducer(once, { type: 'undo' }).present).toBe(empty);
});

test('what goes on after an undo is a step of its own', () => {
  const again = after(edit(1, 'move 1'), { type: 'undo' }, edit(2, 'move 1'));
  expect(again.past).toEqual([empty]);
});

test('an edit that changes nothing is none', () => {
  const history = newHistory(empty);
  expect(historyReducer(history, { type: 'edit', change: (graph) => graph })).toBe(history);
  expect(historyReducer(history, { type: 'undo' })).toBe(history);
});
