import { expect, test } from 'vitest';
import type { FlowGraph, FlowNode } from '../../api/builder/types';
import { difference } from './difference';

const node = (id: string, over: Partial<FlowNode> = {}): FlowNode => ({ id, type: 'prompt', title: id.toUpperCase(), x: 0, y: 0, settings: {}, ...over });
const wire = (from: string, to: string) => ({ id: `${from}-${to}`, from, fromPort: 'text', to, toPort: 'text' });
const types = new Map();

test('steps, settings and connections that differ are named, and where a step stands is not', () => {
  const from: FlowGraph = { nodes: [node('a', { settings: { limit: 4, text: 'x' } }), node('b'), node('c')], edges: [wire('a', 'b'), wire('b', 'c')] };
  const to: FlowGraph = { nodes: [node('a', { x: 90, settings: { limit: 5, text: 'x', top: 1 } }), node('b', { title: 'Bee' }), node('d')], edges: [{ ...wire('b', 'a'), id: 'other' }, wire('b', 'd')] };
  expect(difference(from, to, types)).toEqual([
    'Adds D',
    'Removes C',
    'Changes A: limit, top',
    'Changes Bee: title',
    'Connects Bee (text) to A (text)',
    'Disconnects A (text) to Bee (text)',
  ]);
});

test('a graph differs from itself in nothing, whatever its connections are called', () => {
  const graph: FlowGraph = { nodes: [node('a'), node('b')], edges: [wire('a', 'b')] };
  expect(difference(graph, { ...graph, edges: [{ ...wire('a', 'b'), id: 'renamed' }] }, types)).toEqual([]);
});

test('steps of one title are told apart', () => {
  const nodes = [node('a'), node('p1', { title: null }), node('p2', { title: null })];
  const [from, to] = [wire('a', 'p1'), wire('a', 'p2')].map((edge): FlowGraph => ({ nodes, edges: [edge] }));
  expect(difference(from as FlowGraph, to as FlowGraph, types)).toEqual(['Connects A (text) to prompt [p2] (text)', 'Disconnects A (text) to prompt [p1] (text)']);
});
