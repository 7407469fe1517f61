import type { FlowEdge, FlowGraph, FlowNode, InputPort, PortType, StepType } from '../../api/builder/types';

export interface Connection {
  from: string;
  fromPort: string;
  to: string;
  toPort: string;
}

/** As the editor wants it: settings where a client left them out. */
export function loadedGraph(graph: FlowGraph | null): FlowGraph {
  return { nodes: (graph?.nodes ?? []).map((node) => ({ ...node, settings: node.settings ?? {} })), edges: graph?.edges ?? [] };
}

/** A list is JSON, and JSON may be one, which is seen when the step runs. */
const alsoFits: Partial<Record<PortType, PortType>> = { list: 'json', json: 'list', messages: 'list', passages: 'list' };

/** Whether what comes out of one port may go into another: the same type, and `any` goes with all. */
export function fits(out: PortType, into: PortType): boolean {
  return out === into || out === 'any' || into === 'any' || alsoFits[out] === into;
}

/** Why two ports may not be connected, or null when they may. */
export function refusal(graph: FlowGraph, types: ReadonlyMap<string, StepType>, { from, fromPort, to, toPort }: Connection): string | null {
  const source = graph.nodes.find(({ id }) => id === from);
  const target = graph.nodes.find(({ id }) => id === to);
  const out = types.get(source?.type ?? '')?.outputs.find(({ name }) => name === fromPort);
  const into = types.get(target?.type ?? '')?.inputs.find(({ name }) => name === toPort);
  if (!source || !target || !out || !into) {
    return 'An output goes into an input.';
  }
  if (source.id === target.id) {
    return 'A step cannot wait for itself.';
  }
  if (!fits(out.type, into.type)) {
    return `${titleOf(source, types)} gives ${describe(out.name, out.type)}, but ${titleOf(target, types)} takes ${describe(into.name, into.type)}.`;
  }
  if (reaches(graph, to, from)) {
    return `${titleOf(source, types)} comes after ${titleOf(target, types)} already: a flow has no way back.`;
  }
  return null;
}

function describe(name: string, type: PortType): string {
  return name === type ? type : `${name} (${type})`;
}

/** Whether a way leads from one step to another. */
function reaches(graph: FlowGraph, from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) {
      return true;
    }
    for (const edge of graph.edges) {
      if (edge.from === id && !seen.has(edge.to)) {
        seen.add(edge.to);
        open.push(edge.to);
      }
    }
  }
  return false;
}

export function titleOf(node: FlowNode, types: ReadonlyMap<string, StepType>): string {
  return node.title || types.get(node.type)?.title || node.type;
}

/** An input has one source, and a new one takes the place of the former; one that takes several keeps them. */
export function connect(graph: FlowGraph, types: ReadonlyMap<string, StepType>, connection: Connection): FlowGraph {
  const { from, fromPort, to, toPort } = connection;
  const edge: FlowEdge = { id: `${from}.${fromPort}-${to}.${toPort}`, ...connection };
  if (graph.edges.some(({ id }) => id === edge.id)) {
    return graph;
  }
  const others = inputPort(graph, types, to, toPort)?.multiple ? graph.edges : graph.edges.filter((each) => each.to !== to || each.toPort !== toPort);
  return { ...graph, edges: [...others, edge] };
}

export function inputPort(graph: FlowGraph, types: ReadonlyMap<string, StepType>, node: string, port: string): InputPort | undefined {
  return types.get(graph.nodes.find(({ id }) => id === node)?.type ?? '')?.inputs.find(({ name }) => name === port);
}

/** Gives an input exactly these sources. */
export function setSources(graph: FlowGraph, types: ReadonlyMap<string, StepType>, to: string, toPort: string, sources: readonly { from: string; fromPort: string }[]): FlowGraph {
  const wanted = new Set(sources.map(({ from, fromPort }) => `${from}.${fromPort}-${to}.${toPort}`));
  const kept: FlowGraph = { ...graph, edges: graph.edges.filter((each) => each.to !== to || each.toPort !== toPort || wanted.has(`${each.from}.${each.fromPort}-${to}.${toPort}`)) };
  return sources.reduce((current, source) => connect(current, types, { ...source, to, toPort }), kept);
}

/** With the settings' defaults, and an id that says what it is: `model`, then `model2`. */
export function addStep(graph: FlowGraph, type: StepType, x: number, y: number): { graph: FlowGraph; id: string } {
  const taken = new Set(graph.nodes.map(({ id }) => id));
  let id = type.type;
  for (let number = 2; taken.has(id); number += 1) {
    id = `${type.type}${number}`;
  }
  const settings = Object.fromEntries(
    type.settings.filter((setting) => setting.default !== null && setting.default !== undefined).map((setting) => [setting.name, setting.default]),
  );
  const node: FlowNode = { id, type: type.type, title: null, x: Math.round(x), y: Math.round(y), settings };
  return { graph: { ...graph, nodes: [...graph.nodes, node] }, id };
}

/** Steps go with their edges. */
export function remove(graph: FlowGraph, nodes: ReadonlySet<string>, edges: ReadonlySet<string>): FlowGraph {
  return {
    nodes: graph.nodes.filter(({ id }) => !nodes.has(id)),
    edges: graph.edges.filter(({ id, from, to }) => !edges.has(id) && !nodes.has(from) && !nodes.has(to)),
  };
}

export function changeStep(graph: FlowGraph, id: string, change: (node: FlowNode) => FlowNode): FlowGraph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? change(node) : node)) };
}

/** What was emptied is not set: the step type's default holds then. */
export function withSetting(node: FlowNode, name: string, value: unknown): FlowNode {
  const settings = { ...node.settings };
  if (value === null || value === undefined || value === '') {
    delete settings[name];
  } else {
    settings[name] = value;
  }
  return { ...node, settings };
}

/** Positions are whole numbers, so that a graph that was not moved compares as the same. */
export function move(graph: FlowGraph, positions: ReadonlyMap<string, { x: number; y: number }>): FlowGraph {
  let moved = false;
  const nodes = graph.nodes.map((node) => {
    const position = positions.get(node.id);
    if (!position) {
      return node;
    }
    const x = Math.round(position.x);
    const y = Math.round(position.y);
    if (x === node.x && y === node.y) {
      return node;
    }
    moved = true;
    return { ...node, x, y };
  });
  return moved ? { ...graph, nodes } : graph;
}
