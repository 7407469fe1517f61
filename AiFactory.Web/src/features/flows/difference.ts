import type { FlowEdge, FlowGraph, FlowNode, StepType } from '../../api/builder/types';
import { titleOf } from './graph';

/** In sentences, what would have to be done to the first graph to make it the second; where its steps stand is not counted. */
export function difference(from: FlowGraph, to: FlowGraph, types: ReadonlyMap<string, StepType>): string[] {
  const before = new Map(from.nodes.map((node) => [node.id, node]));
  const after = new Map(to.nodes.map((node) => [node.id, node]));
  const every = [...new Map([...before, ...after]).values()];
  // Titles may repeat, and a new step has none of its own.
  const titled = (node: FlowNode) => {
    const title = titleOf(node, types);
    return every.filter((other) => titleOf(other, types) === title).length > 1 ? `${title} [${node.id}]` : title;
  };
  const name = (id: string) => {
    const node = after.get(id) ?? before.get(id);
    return node ? titled(node) : id;
  };
  const line = (edge: FlowEdge) => `${name(edge.from)} (${edge.fromPort}) to ${name(edge.to)} (${edge.toPort})`;
  const wires = (graph: FlowGraph) => new Map(graph.edges.map((edge) => [[edge.from, edge.fromPort, edge.to, edge.toPort].join('\n'), edge]));
  const [old, now] = [wires(from), wires(to)];
  return [
    ...to.nodes.filter(({ id }) => !before.has(id)).map((node) => `Adds ${titled(node)}`),
    ...from.nodes.filter(({ id }) => !after.has(id)).map((node) => `Removes ${titled(node)}`),
    ...to.nodes.flatMap((node) => {
      const was = before.get(node.id);
      const changed = was ? changes(was, node) : [];
      return changed.length > 0 ? [`Changes ${titled(node)}: ${changed.join(', ')}`] : [];
    }),
    // The lines of a step that comes or goes come and go with it.
    ...[...now].filter(([key, edge]) => !old.has(key) && before.has(edge.from) && before.has(edge.to)).map(([, edge]) => `Connects ${line(edge)}`),
    ...[...old].filter(([key, edge]) => !now.has(key) && after.has(edge.from) && after.has(edge.to)).map(([, edge]) => `Disconnects ${line(edge)}`),
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
