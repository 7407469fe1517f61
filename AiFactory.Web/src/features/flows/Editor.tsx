import { ActionIcon, Button, Group, Tabs, Tooltip } from '@mantine/core';
import { Panel as CanvasPanel, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { validateGraph } from '../../api/builder/flows';
import type { Flow, FlowGraph, FlowProblem, StepType } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { BackLink } from '../../components/BackLink';
import { IconArrowBackUp, IconArrowForwardUp, IconHistory, IconPlayerPlay, IconWorldUpload } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { projectHref } from '../../components/useProject';
import { Canvas } from './Canvas';
import styles from './editor.module.css';
import { addStep, loadedGraph } from './graph';
import { HistoryDrawer } from './HistoryDrawer';
import { historyReducer, newHistory } from './history';
import { Inspector } from './Inspector';
import { Palette } from './Palette';
import { ProblemList } from './ProblemList';
import { PublishModal } from './PublishModal';
import { RunPanel } from './RunPanel';
import { SaveStatus } from './SaveStatus';
import { nothing, type Selection } from './selection';
import { useAutosave } from './useAutosave';
import { useRun } from './useRun';
import { useUndoKeys } from './useUndoKeys';

interface EditorProps {
  project: string;
  flow: Flow;
  types: StepType[];
  onReload: () => void;
}

export function Editor(props: EditorProps) {
  return (
    <ReactFlowProvider>
      <EditorView {...props} />
    </ReactFlowProvider>
  );
}

function EditorView({ project, flow, types, onReload }: EditorProps) {
  const mayWrite = usePermission('flows.write');
  const mayRun = usePermission('flows.run');
  const view = useReactFlow();
  const [loaded] = useState({ graph: loadedGraph(flow.graph), revision: flow.revision });
  const [history, dispatch] = useReducer(historyReducer, loaded.graph, newHistory);
  const graph = history.present;
  const typesByName = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);
  const [selection, setSelection] = useState<Selection>(nothing);
  const [problems, setProblems] = useState<FlowProblem[]>([]);
  const [refused, setRefused] = useRefused();
  const [tab, setTab] = useState<string | null>('step');
  const [asked, setAsked] = useState(0);
  const [publishing, setPublishing] = useState(false);
  const [looking, setLooking] = useState(false);
  const save = useAutosave({ project, name: flow.name, graph, loaded, mayWrite, onProblems: setProblems });
  const { progress, error, running, start, cancel } = useRun(project, flow.name);
  const frame = useRef<HTMLDivElement>(null);
  useUndoKeys(dispatch, mayWrite);

  useEffect(() => {
    const controller = new AbortController();
    validateGraph(project, flow.name, loaded.graph, controller.signal).then(
      (answer) => setProblems(answer.problems),
      // What a save says comes soon enough, and a run is checked by the server again.
      () => undefined,
    );
    return () => controller.abort();
  }, [project, flow.name, loaded]);

  const select = (next: Selection) => {
    setSelection(next);
    if (next.nodes.size + next.edges.size > 0) {
      setTab('step');
    }
  };
  const add = (name: string) => {
    const type = typesByName.get(name);
    const box = frame.current?.getBoundingClientRect();
    if (type && box) {
      const middle = view.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
      // Beside one another, not on top.
      const shift = (graph.nodes.length % 5) * 24;
      const { id } = addStep(graph, type, 0, 0);
      dispatch({ type: 'edit', change: (current) => addStep(current, type, middle.x - 110 + shift, middle.y - 40 + shift).graph });
      select({ nodes: new Set([id]), edges: new Set() });
    }
  };
  const run = async (text: string) => {
    if (!mayWrite || (await save.flush())) {
      await start({ text }, save.current());
    }
  };
  const look = async () => {
    if (mayWrite) {
      await save.flush();
    }
    setLooking(true);
  };
  const restore = (then: FlowGraph) => {
    dispatch({ type: 'edit', change: () => then });
    setSelection(nothing);
    setLooking(false);
  };
  const show = (node: string) => {
    select({ nodes: new Set([node]), edges: new Set() });
    void view.fitView({ nodes: [{ id: node }], maxZoom: 1, duration: 250 });
  };

  return (
    <div className={styles.editor}>
      <header className={styles.bar}>
        <div className={styles.names}>
          <BackLink to={projectHref(project, 'flows')}>Flows</BackLink>
          <h1>{flow.name}</h1>
          {mayWrite && <SaveStatus state={save.state} revision={save.revision} onRetry={() => void save.flush()} />}
        </div>
        <Group gap="xs">
          <Tooltip label="History">
            <ActionIcon variant="default" size={30} aria-label="History" onClick={() => void look()} data-testid="history">
              <IconHistory size={16} />
            </ActionIcon>
          </Tooltip>
          {mayWrite && (
            <>
              <Tooltip label="Undo">
                <ActionIcon variant="default" size={30} aria-label="Undo" disabled={history.past.length === 0} onClick={() => dispatch({ type: 'undo' })} data-testid="undo">
                  <IconArrowBackUp size={16} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label="Redo">
                <ActionIcon variant="default" size={30} aria-label="Redo" disabled={history.future.length === 0} onClick={() => dispatch({ type: 'redo' })} data-testid="redo">
                  <IconArrowForwardUp size={16} />
                </ActionIcon>
              </Tooltip>
              <Button variant="default" leftSection={<IconWorldUpload size={14} />} onClick={() => setPublishing(true)} data-testid="publish">
                Publish
              </Button>
            </>
          )}
          {mayRun && (
            <Button
              leftSection={<IconPlayerPlay size={14} />}
              onClick={() => {
                setTab('run');
                setAsked((count) => count + 1);
              }}
              data-testid="open-run"
            >
              Run
            </Button>
          )}
        </Group>
      </header>
      <div className={styles.room} data-readonly={!mayWrite || undefined}>
        {mayWrite && <Palette types={types} onAdd={add} />}
        <div className={styles.stage} ref={frame} data-testid="canvas">
          <Canvas
            graph={graph}
            types={typesByName}
            problems={problems}
            steps={progress?.steps ?? null}
            selection={selection}
            onSelection={select}
            dispatch={dispatch}
            onRefused={setRefused}
            readOnly={!mayWrite}
          >
            <CanvasPanel position="top-center" className={styles.notices}>
              {save.state.kind === 'conflict' && (
                <Notice
                  tone="warn"
                  title="Somebody else has changed this flow"
                  testId="conflict"
                  actions={
                    <>
                      <Button variant="default" size="compact-xs" onClick={onReload}>
                        Take theirs
                      </Button>
                      <Button variant="default" size="compact-xs" onClick={() => void save.keepMine()}>
                        Keep mine
                      </Button>
                    </>
                  }
                >
                  A newer revision than {save.revision} exists. Yours can follow it as the newest; theirs stays among the revisions.
                </Notice>
              )}
              {refused && (
                <Notice tone="bad" title="These do not connect" testId="refused">
                  {refused}
                </Notice>
              )}
            </CanvasPanel>
            <CanvasPanel position="bottom-right" className={styles.problemsPlace}>
              <ProblemList graph={graph} types={typesByName} problems={problems} onOpen={({ node, edge }) => (node ? show(node) : edge && select({ nodes: new Set(), edges: new Set([edge]) }))} />
            </CanvasPanel>
          </Canvas>
        </div>
        <aside className={styles.side} aria-label="Step and run">
          <Tabs value={tab} onChange={setTab} keepMounted classNames={{ panel: styles.sidePanel }}>
            <Tabs.List grow>
              <Tabs.Tab value="step">Step</Tabs.Tab>
              <Tabs.Tab value="run" data-testid="tab-run">
                Run
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="step">
              <Inspector
                project={project}
                flow={flow.name}
                graph={graph}
                types={typesByName}
                selection={selection}
                problems={problems}
                steps={progress?.steps ?? null}
                dispatch={dispatch}
                readOnly={!mayWrite}
              />
            </Tabs.Panel>
            <Tabs.Panel value="run">
              <RunPanel
                project={project}
                graph={graph}
                types={typesByName}
                problems={problems}
                progress={progress}
                running={running}
                error={error}
                mayRun={mayRun}
                asked={asked}
                onRun={(text) => void run(text)}
                onCancel={() => void cancel()}
                onStep={show}
              />
            </Tabs.Panel>
          </Tabs>
        </aside>
      </div>
      <HistoryDrawer
        project={project}
        flow={flow.name}
        graph={graph}
        revision={save.revision}
        types={typesByName}
        opened={looking}
        onRestore={mayWrite ? restore : null}
        onClose={() => setLooking(false)}
      />
      {publishing && (
        <PublishModal
          project={project}
          flow={flow.name}
          revision={save.revision}
          runsFlows={graph.nodes.some(({ type }) => typesByName.get(type)?.settings.some(({ kind }) => kind === 'flow'))}
          onBefore={save.flush}
          problems={problems}
          onClose={() => setPublishing(false)}
        />
      )}
    </div>
  );
}

/** Why the last connection was refused, for as long as it takes to read it. */
function useRefused() {
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    if (refused === null) {
      return;
    }
    const timer = setTimeout(() => setRefused(null), 8_000);
    return () => clearTimeout(timer);
  }, [refused]);
  return [refused, setRefused] as const;
}
