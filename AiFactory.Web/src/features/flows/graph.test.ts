import { expect, test } from 'vitest';
import type { FlowGraph, PortType } from '../../api/builder/types';
import { templateGraph, types } from '../../testing/flows';
import { addStep, connect, fits, move, refusal, remove, setSources, withSetting } from './graph';

const graph = templateGraph;

test('equal types connect, and any goes with all', () => {
  expect(fits('text', 'text')).toBe(true);
  expect(fits('passages', 'any')).toBe(true);
  expect(fits('any', 'passages')).toBe(true);
  expect(fits('passages', 'text')).toBe(false);
  expect(['json', 'messages', 'passages', 'list'].every((type) => fits(type as PortType, 'list'))).toBe(true);
  expect(fits('text', 'list')).toBe(false);
  expect(fits('list', 'passages')).toBe(false);
});

test('a wrong type is refused with both sides named', () => {
  const reason = refusal(graph, types, { from: 'retrieve', fromPort: 'passages', to: 'model', toPort: 'prompt' });
  expect(reason).toBe('Retrieve gives passages, but Model takes prompt (text).');
});

test('a way back is refused, however long it is', () => {
  expect(refusal(graph, types, { from: 'model', fromPort: 'text', to: 'retrieve', toPort: 'text' })).toContain('no way back');
  expect(refusal(graph, types, { from: 'model', fromPort: 'text', to: 'model', toPort: 'prompt' })).toContain('itself');
  expect(refusal(graph, types, { from: 'input', fromPort: 'text', to: 'model', toPort: 'prompt' })).toBeNull();
});

test('a second connection takes the place of the first, but not at an input that takes several', () => {
  const again = connect(graph, types, { from: 'model', fromPort: 'text', to: 'output', toPort: 'text' });
  expect(again).toBe(graph);
  const second = connect(graph, types, { from: 'retrieve', fromPort: 'text', to: 'output', toPort: 'text' });
  expect(second.edges.filter(({ toPort, to }) => to === 'output' && toPort === 'text')).toHaveLength(2);
  const replaced = connect(addStep(graph, types.get('retrieve')!, 0, 0).graph, types, { from: 'retrieve2', fromPort: 'passages', to: 'model', toPort: 'passages' });
  expect(replaced.edges.filter(({ to, toPort }) => to === 'model' && toPort === 'passages').map(({ from }) => from)).toEqual(['retrieve2']);
});

test('the sources of an input are set as a whole', () => {
  const next = setSources(graph, types, 'output', 'text', [{ from: 'retrieve', fromPort: 'text' }]);
  expect(next.edges.filter(({ to, toPort }) => to === 'output' && toPort === 'text').map(({ from }) => from)).toEqual(['retrieve']);
  expect(setSources(graph, types, 'retrieve', 'text', []).edges.some(({ to }) => to === 'retrieve')).toBe(false);
});

test('a step gets a name of its own and the defaults of its settings', () => {
  const { graph: next, id } = addStep(graph, types.get('retrieve')!, 10.4, 20.6);
  expect(id).toBe('retrieve2');
  expect(next.nodes.at(-1)).toEqual({ id: 'retrieve2', type: 'retrieve', title: null, x: 10, y: 21, settings: { limit: 4 } });
});

test('a step goes with its connections', () => {
  const next = remove(graph, new Set(['retrieve']), new Set());
  expect(next.nodes.map(({ id }) => id)).toEqual(['input', 'model', 'output']);
  expect(next.edges.every(({ from, to }) => from !== 'retrieve' && to !== 'retrieve')).toBe(true);
});

test('a graph that was not moved stays the same object, so that nothing is saved', () => {
  const positions = new Map(graph.nodes.map(({ id, x, y }) => [id, { x: x + 0.3, y }]));
  expect(move(graph, positions)).toBe(graph);
  expect(move(graph, new Map([['input', { x: 500, y: 1 }]])).nodes[0]).toMatchObject({ x: 500, y: 1 });
});

test('a setting that is emptied is not sent as an empty one', () => {
  const node = (graph as FlowGraph).nodes[1]!;
  expect(withSetting(node, 'limit', null).settings).toEqual({ knowledgeBase: 'aifactory' });
  expect(withSetting(node, 'limit', 0).settings).toEqual({ knowledgeBase: 'aifactory', limit: 0 });
});
