import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { FlowNode, PortType, StepType } from '../../api/builder/types';
import { IconAlertTriangle, IconCheck, IconLoader2, IconX } from '../../components/icons';
import { childrenText } from '../../components/childrenText';
import { useCanvas, type CanvasFacts } from './CanvasContext';
import styles from './canvas.module.css';
import { fits } from './graph';
import { stepIcon } from './stepIcon';

export type StepNodeType = Node<{ node: FlowNode }, 'step'>;

export const StepNode = memo(function StepNode({ data: { node }, selected }: NodeProps<StepNodeType>) {
  const canvas = useCanvas();
  const type = canvas.types.get(node.type);
  const problems = canvas.problems.get(node.id) ?? [];
  const progress = canvas.steps?.[node.id];
  const Icon = stepIcon(node.type);
  return (
    <div
      className={styles.node}
      data-selected={selected || undefined}
      data-state={progress?.state}
      data-problem={problems.length > 0 || undefined}
      data-testid={`node-${node.id}`}
    >
      <div className={styles.nodeHead}>
        <span className={styles.nodeIcon}>
          <Icon size={15} stroke={1.7} aria-hidden />
        </span>
        <span className={styles.nodeTitle}>{node.title || type?.title || node.type}</span>
        <StateMark state={progress?.state} problems={problems.length > 0} />
      </div>
      <Summary node={node} type={type} />
      {progress?.children && <div className={styles.nodeSummary} data-testid={`children-${node.id}`}>{childrenText(node.type, progress.children)}</div>}
      <div className={styles.ports}>
        <div>
          {type?.inputs.map((port) => (
            <div key={port.name} className={styles.port} data-required={port.required || undefined}>
              <Handle
                type="target"
                id={port.name}
                position={Position.Left}
                className={styles.handle}
                data-type={port.type}
                data-fits={fitsDrawing(canvas.drawing, 'target', port.type, node.id)}
                data-testid={`${node.id}-in-${port.name}`}
                title={`${port.name}: ${port.type}${port.required ? ', required' : ''}`}
              />
              {port.name}
            </div>
          ))}
        </div>
        <div>
          {type?.outputs.map((port) => (
            <div key={port.name} className={styles.port} data-out>
              {port.name}
              <Handle
                type="source"
                id={port.name}
                position={Position.Right}
                className={styles.handle}
                data-type={port.type}
                data-fits={fitsDrawing(canvas.drawing, 'source', port.type, node.id)}
                data-testid={`${node.id}-out-${port.name}`}
                title={`${port.name}: ${port.type}`}
              />
            </div>
          ))}
        </div>
      </div>
      {problems[0] && <div className={styles.nodeProblem}>{problems[0].message}</div>}
      {problems.length === 0 && progress?.error && <div className={styles.nodeProblem}>{progress.error}</div>}
    </div>
  );
});

/** What a step mostly is about, in one line: the model, the base, the first words of a template. */
function Summary({ node, type }: { node: FlowNode; type: StepType | undefined }) {
  if (type === undefined) {
    return <div className={styles.nodeSummary}>unknown step type</div>;
  }
  const setting = type.settings.find(({ kind }) => kind === 'model' || kind === 'knowledgeBase' || kind === 'agent' || kind === 'flow') ?? type.settings.find(({ required }) => required) ?? type.settings[0];
  const value = setting && node.settings[setting.name];
  return typeof value === 'string' && value !== '' ? <div className={styles.nodeSummary}>{value.slice(0, 80)}</div> : null;
}

function StateMark({ state, problems }: { state: string | undefined; problems: boolean }) {
  if (problems) {
    return <IconAlertTriangle size={15} className={styles.markBad} aria-label="has a problem" />;
  }
  switch (state) {
    case 'running':
      return <IconLoader2 size={15} className={styles.markBusy} aria-label="running" />;
    case 'succeeded':
      return <IconCheck size={15} className={styles.markGood} aria-label="succeeded" />;
    case 'failed':
      return <IconX size={15} className={styles.markBad} aria-label="failed" />;
    case 'skipped':
      return <span className={styles.markQuiet}>skipped</span>;
    default:
      return null;
  }
}

function fitsDrawing(drawing: CanvasFacts['drawing'], side: 'source' | 'target', type: PortType, node: string): 'yes' | 'no' | undefined {
  if (drawing === null) {
    return undefined;
  }
  if (drawing.from === side) {
    return drawing.node === node ? undefined : 'no';
  }
  const good = drawing.node !== node && (side === 'target' ? fits(drawing.type, type) : fits(type, drawing.type));
  return good ? 'yes' : 'no';
}
