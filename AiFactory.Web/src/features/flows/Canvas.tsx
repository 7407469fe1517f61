import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  useReactFlow,
  type Connection as FlowConnection,
  type Edge,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useCallback, useMemo, useRef, useState, type Dispatch, type DragEvent, type ReactNode } from 'react';
import type { FlowGraph, FlowProblem, StepType } from '../../api/builder/types';
import { CanvasContext, type CanvasFacts } from './CanvasContext';
import styles from './canvas.module.css';
import { addStep, connect, move, refusal, remove, titleOf, type Connection } from './graph';
import type { HistoryAction } from './history';
import type { StepProgress } from './runState';
import { sameSelection, type Selection } from './selection';
import { StepNode, type StepNodeType } from './StepNode';

export const stepDragType = 'application/x-aifactory-step';

const nodeTypes = { step: StepNode };
const labels = {
  'node.a11yDescription.default': 'Enter selects the step, the arrow keys move it, Delete removes it. Its settings and connections are in the panel beside the canvas.',
  'edge.a11yDescription.default': 'Enter selects the connection, Delete removes it.',
};

interface CanvasProps {
  graph: FlowGraph;
  types: ReadonlyMap<string, StepType>;
  problems: readonly FlowProblem[];
  steps: Readonly<Record<string, StepProgress>> | null;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  dispatch: Dispatch<HistoryAction>;
  onRefused: (reason: string) => void;
  readOnly: boolean;
  children?: ReactNode;
}

export function Canvas({ graph, types, problems, steps, selection, onSelection, dispatch, onRefused, readOnly, children }: CanvasProps) {
  const flow = useReactFlow();
  const [measured, setMeasured] = useState<Record<string, { width: number; height: number }>>({});
  const [drawing, setDrawing] = useState<CanvasFacts['drawing']>(null);
  const drags = useRef(0);
  // On an empty canvas it would wait for the first step, and move it away from where it was let go.
  const [fits] = useState(graph.nodes.length > 0);

  const problemsOf = useMemo(() => byElement(problems), [problems]);
  const facts = useMemo(() => ({ types, problems: problemsOf, steps, drawing }), [types, problemsOf, steps, drawing]);

  const nodes = useNodes(graph, types, selection, measured);
  const edges = useMemo(
    () =>
      graph.edges.map((edge): Edge => {
        const source = graph.nodes.find(({ id }) => id === edge.from);
        const target = graph.nodes.find(({ id }) => id === edge.to);
        const type = types.get(source?.type ?? '')?.outputs.find(({ name }) => name === edge.fromPort)?.type ?? 'any';
        const bad = problemsOf.has(edge.id);
        return {
          id: edge.id,
          source: edge.from,
          sourceHandle: edge.fromPort,
          target: edge.to,
          targetHandle: edge.toPort,
          selected: selection.edges.has(edge.id),
          animated: steps?.[edge.to]?.state === 'running',
          style: { stroke: bad ? 'var(--bad)' : `var(--port-${type})` },
          ariaLabel: `${edge.fromPort} of ${source ? titleOf(source, types) : edge.from} into ${edge.toPort} of ${target ? titleOf(target, types) : edge.to}${bad ? ', has a problem' : ''}`,
        };
      }),
    [graph, types, problemsOf, selection, steps],
  );

  const select = useCallback(
    (changes: readonly (NodeChange<StepNodeType> | EdgeChange)[], part: 'nodes' | 'edges') => {
      const ids = new Set(selection[part]);
      for (const change of changes) {
        if (change.type === 'select') {
          if (change.selected) {
            ids.add(change.id);
          } else {
            ids.delete(change.id);
          }
        }
      }
      const next = { ...selection, [part]: ids };
      if (!sameSelection(selection, next)) {
        onSelection(next);
      }
    },
    [selection, onSelection],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<StepNodeType>[]) => {
      const positions = new Map<string, { x: number; y: number }>();
      const sizes: Record<string, { width: number; height: number }> = {};
      for (const change of changes) {
        if (change.type === 'position' && change.position) {
          positions.set(change.id, change.position);
        } else if (change.type === 'dimensions' && change.dimensions) {
          sizes[change.id] = change.dimensions;
        }
      }
      if (Object.keys(sizes).length > 0) {
        setMeasured((all) => ({ ...all, ...sizes }));
      }
      if (positions.size > 0) {
        dispatch({ type: 'edit', change: (current) => move(current, positions), mark: `move ${drags.current} ${[...positions.keys()].join()}` });
      }
      select(changes, 'nodes');
    },
    [dispatch, select],
  );

  const add = (type: string, position: { x: number; y: number }) => {
    const step = types.get(type);
    if (step) {
      const { id } = addStep(graph, step, position.x, position.y);
      dispatch({ type: 'edit', change: (current) => addStep(current, step, position.x, position.y).graph });
      onSelection({ nodes: new Set([id]), edges: new Set() });
    }
  };

  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(stepDragType);
    if (type !== '') {
      event.preventDefault();
      const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      add(type, { x: point.x - 100, y: point.y - 22 });
    }
  };

  return (
    <CanvasContext.Provider value={facts}>
      <ReactFlow<StepNodeType>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => select(changes, 'edges')}
        onNodeDragStart={() => (drags.current += 1)}
        onDelete={({ nodes: gone, edges: cut }) => {
          dispatch({ type: 'edit', change: (current) => remove(current, idsOf(gone), idsOf(cut)) });
          onSelection({ nodes: new Set(), edges: new Set() });
        }}
        onConnectStart={(_, { nodeId, handleId, handleType }) => {
          const type = types.get(graph.nodes.find(({ id }) => id === nodeId)?.type ?? '');
          const port = (handleType === 'source' ? type?.outputs : type?.inputs)?.find(({ name }) => name === handleId);
          setDrawing(port && nodeId && handleType ? { type: port.type, from: handleType, node: nodeId } : null);
        }}
        onConnectEnd={(_, state) => {
          setDrawing(null);
          const wanted = state.isValid === false ? connectionOf(state) : null;
          const reason = wanted && refusal(graph, types, wanted);
          if (reason) {
            onRefused(reason);
          }
        }}
        isValidConnection={(connection) => refusal(graph, types, fromFlow(connection as FlowConnection)) === null}
        onConnect={(connection) => dispatch({ type: 'edit', change: (current) => connect(current, types, fromFlow(connection)) })}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(stepDragType)) {
            event.preventDefault();
            event.dataTransfer.dropEffect = 'copy';
          }
        }}
        onDrop={drop}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        deleteKeyCode={readOnly ? null : deleteKeys}
        connectionRadius={28}
        snapToGrid
        snapGrid={grid}
        minZoom={0.2}
        maxZoom={1.6}
        fitView={fits}
        fitViewOptions={fit}
        attributionPosition="bottom-center"
        ariaLabelConfig={labels}
        aria-label="Flow"
        className={styles.canvas}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.6} color="var(--line-strong)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={fit} />
        {graph.nodes.length === 0 && <div className={styles.blank}>{readOnly ? 'This flow has no steps.' : 'Drag a step here to begin.'}</div>}
        {children}
      </ReactFlow>
    </CanvasContext.Provider>
  );
}

const deleteKeys = ['Backspace', 'Delete'];
const grid: [number, number] = [10, 10];
const fit = { padding: 0.06, maxZoom: 1 };

/** A node's object stays the same while nothing of it changes: dragging one does not draw the others anew. */
function useNodes(graph: FlowGraph, types: ReadonlyMap<string, StepType>, selection: Selection, measured: Record<string, { width: number; height: number }>): StepNodeType[] {
  const known = useRef(new Map<string, StepNodeType>());
  return useMemo(() => {
    const next = new Map<string, StepNodeType>();
    for (const node of graph.nodes) {
      const former = known.current.get(node.id);
      const selected = selection.nodes.has(node.id);
      const size = measured[node.id];
      const same = former && former.data.node === node && former.selected === selected && former.measured === size;
      next.set(
        node.id,
        same
          ? former
          : {
              id: node.id,
              type: 'step',
              position: { x: node.x, y: node.y },
              data: former?.data.node === node ? former.data : { node },
              selected,
              measured: size,
              ariaLabel: titleOf(node, types),
            },
      );
    }
    known.current = next;
    return [...next.values()];
  }, [graph, types, selection, measured]);
}

function byElement(problems: readonly FlowProblem[]): Map<string, FlowProblem[]> {
  const all = new Map<string, FlowProblem[]>();
  for (const problem of problems) {
    const id = problem.node ?? problem.edge ?? '';
    all.set(id, [...(all.get(id) ?? []), problem]);
  }
  return all;
}

function idsOf(elements: readonly { id: string }[]): Set<string> {
  return new Set(elements.map(({ id }) => id));
}

function fromFlow({ source, sourceHandle, target, targetHandle }: FlowConnection): Connection {
  return { from: source, fromPort: sourceHandle ?? '', to: target, toPort: targetHandle ?? '' };
}

/** A line may be drawn from either end. */
function connectionOf({ fromHandle, toHandle }: FinalConnectionState): Connection | null {
  if (!fromHandle || !toHandle) {
    return null;
  }
  const [source, target] = fromHandle.type === 'source' ? [fromHandle, toHandle] : [toHandle, fromHandle];
  return { from: source.nodeId, fromPort: source.id ?? '', to: target.nodeId, toPort: target.id ?? '' };
}
