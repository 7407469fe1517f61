import { Button, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import type { Dispatch } from 'react';
import { Link } from 'react-router';
import type { FlowGraph, FlowNode, FlowProblem, StepSetting, StepType } from '../../api/builder/types';
import { CodeBlock } from '../../components/CodeBlock';
import { IconArrowUpRight, IconTrash } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { pretty } from '../../components/passages';
import { projectHref } from '../../components/useProject';
import styles from './editor.module.css';
import { changeStep, refusal, remove, setSources, titleOf, withSetting } from './graph';
import type { HistoryAction } from './history';
import type { StepProgress } from './runState';
import type { Selection } from './selection';
import { SettingField } from './SettingField';

interface InspectorProps {
  project: string;
  /** The flow's name. */
  flow: string;
  graph: FlowGraph;
  types: ReadonlyMap<string, StepType>;
  selection: Selection;
  problems: readonly FlowProblem[];
  steps: Readonly<Record<string, StepProgress>> | null;
  dispatch: Dispatch<HistoryAction>;
  readOnly: boolean;
}

/** The settings and connections of the step that is selected. All that the canvas does with a mouse can be done here by keyboard. */
export function Inspector(props: InspectorProps) {
  const { graph, selection, dispatch, readOnly } = props;
  const selected = graph.nodes.filter(({ id }) => selection.nodes.has(id));
  const count = selection.nodes.size + selection.edges.size;
  const [node] = selected;
  if (count === 1 && node) {
    return <StepSettings key={node.id} {...props} node={node} />;
  }
  if (count === 0) {
    return (
      <p className={styles.hint}>
        {readOnly ? 'Select a step to see its settings.' : 'Drag a step onto the canvas, and draw a line from an output to an input of the same colour. Select a step to set it up.'}
      </p>
    );
  }
  return (
    <Stack gap="sm">
      <p className={styles.hint}>{count === 1 ? 'A connection is selected.' : `${count} are selected.`}</p>
      {!readOnly && (
        <Button
          variant="default"
          leftSection={<IconTrash size={14} />}
          onClick={() => dispatch({ type: 'edit', change: (current) => remove(current, selection.nodes, selection.edges) })}
        >
          Delete
        </Button>
      )}
    </Stack>
  );
}

/** What each step that waits for something has, and hardly anybody changes. */
const seldom = new Set(['timeoutSeconds', 'retries']);

function StepSettings({ project, flow, graph, types, node, problems, steps, dispatch, readOnly }: InspectorProps & { node: FlowNode }) {
  const type = types.get(node.type);
  const own = problems.filter((problem) => problem.node === node.id);
  const progress = steps?.[node.id];
  const change = (field: string, edit: (node: FlowNode) => FlowNode) =>
    dispatch({ type: 'edit', change: (current) => changeStep(current, node.id, edit), mark: `${node.id} ${field}` });
  const field = (setting: StepSetting) => (
    <SettingField
      key={setting.name}
      project={project}
      flow={flow}
      setting={setting}
      value={node.settings[setting.name]}
      readOnly={readOnly}
      onChange={(value) => change(setting.name, (current) => withSetting(current, setting.name, value))}
    />
  );
  const innerSetting = type?.settings.find(({ kind }) => kind === 'flow')?.name ?? '';
  const chosen = node.settings[innerSetting];
  const inner = typeof chosen === 'string' ? chosen : '';
  const rare = type?.settings.filter(({ name }) => seldom.has(name)) ?? [];
  return (
    <Stack gap="md" data-testid="inspector">
      <div>
        <div className={styles.inspectorTitle}>{titleOf(node, types)}</div>
        <p className={styles.hint}>{type?.description ?? `This factory has no step type ${node.type}.`}</p>
      </div>
      {own.length > 0 && (
        <Notice tone="bad" title={own.length === 1 ? 'A problem' : `${own.length} problems`}>
          {own.map((problem) => (
            <div key={problem.code + problem.message}>{problem.message}</div>
          ))}
        </Notice>
      )}
      {type?.settings.filter(({ name }) => !seldom.has(name)).map(field)}
      {inner !== '' && (
        <Link to={projectHref(project, `flows/${encodeURIComponent(inner)}`)} className={styles.runLink}>
          Open the flow {inner}
          <IconArrowUpRight size={13} aria-hidden />
        </Link>
      )}
      {type && type.inputs.length > 0 && <Connections graph={graph} types={types} node={node} type={type} dispatch={dispatch} readOnly={readOnly} />}
      {rare.length > 0 && (
        <details className={styles.more}>
          <summary>Timeout and retries</summary>
          <Stack gap="md">{rare.map(field)}</Stack>
        </details>
      )}
      <TextInput
        label="Name on the canvas"
        placeholder={type?.title}
        value={node.title ?? ''}
        disabled={readOnly}
        onChange={(event) => {
          const title = event.currentTarget.value;
          change('title', (current) => ({ ...current, title: title === '' ? null : title }));
        }}
      />
      {progress && progress.output !== undefined && progress.output !== null && (
        <div>
          <div className={styles.caption}>Output of the last run</div>
          <CodeBlock code={pretty(progress.output)} label={`output of ${node.id}`} />
        </div>
      )}
      {!readOnly && (
        <Button
          variant="default"
          leftSection={<IconTrash size={14} />}
          onClick={() => dispatch({ type: 'edit', change: (current) => remove(current, new Set([node.id]), new Set()) })}
        >
          Delete step
        </Button>
      )}
    </Stack>
  );
}

type ConnectionsProps = Pick<InspectorProps, 'graph' | 'types' | 'dispatch' | 'readOnly'> & { node: FlowNode; type: StepType };

/** Where each input comes from, to be chosen among the outputs that fit. */
function Connections({ graph, types, node, type, dispatch, readOnly }: ConnectionsProps) {
  return (
    <Stack gap="xs">
      <div className={styles.caption}>Inputs</div>
      {type.inputs.map((port) => {
        const sources = graph.edges.filter(({ to, toPort }) => to === node.id && toPort === port.name).map(({ from, fromPort }) => `${from}/${fromPort}`);
        const outputs = graph.nodes.flatMap((source) =>
          (types.get(source.type)?.outputs ?? [])
            .filter((out) => refusal(graph, types, { from: source.id, fromPort: out.name, to: node.id, toPort: port.name }) === null)
            .map((out) => ({ value: `${source.id}/${out.name}`, label: `${titleOf(source, types)}: ${out.name}` })),
        );
        const unknown = sources.filter((source) => !outputs.some(({ value }) => value === source)).map((value) => ({ value, label: value }));
        const shared = {
          label: `${port.name} (${port.type})`,
          withAsterisk: port.required,
          clearable: true,
          disabled: readOnly,
          data: [...outputs, ...unknown],
          'data-testid': `connect-${port.name}`,
        };
        const choose = (chosen: string[]) =>
          dispatch({ type: 'edit', change: (current) => setSources(current, types, node.id, port.name, chosen.map(parseSource)) });
        return port.multiple ? (
          <MultiSelect key={port.name} {...shared} placeholder={sources.length === 0 ? 'Choose outputs' : undefined} value={sources} onChange={choose} />
        ) : (
          <Select
            key={port.name}
            {...shared}
            placeholder={port.required ? 'Choose an output' : 'Nothing'}
            value={sources[0] ?? null}
            onChange={(chosen) => choose(chosen === null ? [] : [chosen])}
          />
        );
      })}
    </Stack>
  );
}

function parseSource(value: string): { from: string; fromPort: string } {
  const [from = '', fromPort = ''] = value.split('/');
  return { from, fromPort };
}
