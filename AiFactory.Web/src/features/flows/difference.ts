import type { FlowEdge, FlowGraph, FlowNode, StepType } from '../../api/builder/types';
import { titleOf } from './graph';

/** In sentences, what would have to be done to the first graph to make it the second; where its steps stand is not counted. */
export function difference(from: FlowGraph, to: FlowGraph, types: ReadonlyMap<string, StepType>): string[] {
  const before = new Map(from.nodes.map((node) => [node.id, node]));
  const after = new Map(to.nodes.map((node) => [node.id, node]));
  const name = (id: string) => {
    const node = after.get(id) ?? before.get(id);
    return node ? titleOf(node, types) : id;
  };
  const line = (edge: FlowEdge) => `${name(edge.from)} (${edge.fromPort}) to ${name(edge.to)} (${edge.toPort})`;
  const wires = (graph: FlowGraph) => new Map(graph.edges.map((edge) => [line(edge), edge]));
  const [old, now] = [wires(from), wires(to)];
  return [
    ...to.nodes.filter(({ id }) => !before.has(id)).map((node) => `Adds ${titleOf(node, types)}`),
    ...from.nodes.filter(({ id }) => !after.has(id)).map((node) => `Removes ${titleOf(node, types)}`),
    ...to.nodes.flatMap((node) => {
      const was = before.get(node.id);
      const changed = was ? changes(was, node) : [];
      return changed.length > 0 ? [`Changes ${titleOf(node, types)}: ${changed.join(', ')}`] : [];
    }),
    // The lines of a step that comes or goes come and go with it.
    ...[...now].filter(([key, edge]) => !old.has(key) && before.has(edge.from) && before.has(edge.to)).map(([key]) => `Connects ${key}`),
    ...[...old].filter(([key, edge]) => !now.has(key) && after.has(edge.from) && after.has(edge.to)).map(([key]) => `Disconnects ${key}`),
  ];
}

function changes(was: FlowNode, is: FlowNode): string[] {
  const names = [...new Set([...Object.keys(was.settings), ...Object.keys(is.settings)])];
  return [
    ...(was.type !== is.type ? ['type'] : []),
    ...((was.title ?? '') !== (is.title ?? '') ? ['title'] : []),
    ...names.filter((name) => JSON.stringify(was.settings[name]) !== JSON.stringify(is.settings[name])),
  ];
}
