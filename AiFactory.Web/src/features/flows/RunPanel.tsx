import { Button, Group, Stack, Textarea, UnstyledButton } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Link } from 'react-router';
import { isOver } from '../../api/builder/runs';
import type { FlowGraph, FlowProblem, StepType } from '../../api/builder/types';
import { childrenText } from '../../components/childrenText';
import { CitedText } from '../../components/CitedText';
import { CodeBlock } from '../../components/CodeBlock';
import { ErrorNotice } from '../../components/ErrorNotice';
import { duration } from '../../components/format';
import { IconArrowUpRight, IconPlayerPlay, IconPlayerStop } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { outputText, passagesIn, pretty } from '../../components/passages';
import { StateBadge } from '../../components/StateBadge';
import { projectHref } from '../../components/useProject';
import styles from './editor.module.css';
import { titleOf } from './graph';
import type { RunProgress } from './runState';

interface RunPanelProps {
  project: string;
  graph: FlowGraph;
  types: ReadonlyMap<string, StepType>;
  problems: readonly FlowProblem[];
  progress: RunProgress | null;
  running: boolean;
  error: unknown;
  mayRun: boolean;
  /** Rises each time the person asks for this panel. */
  asked: number;
  onRun: (text: string) => void;
  onCancel: () => void;
  onStep: (node: string) => void;
}

export function RunPanel({ project, graph, types, problems, progress, running, error, mayRun, asked, onRun, onCancel, onStep }: RunPanelProps) {
  const [text, setText] = useState('');
  const [question, setQuestion] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (asked > 0) {
      field.current?.focus({ preventScroll: true });
    }
  }, [asked]);

  const ready = mayRun && !running && problems.length === 0 && text.trim() !== '';
  const run = () => {
    if (ready) {
      setQuestion(text.trim());
      onRun(text.trim());
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run();
    }
  };
  return (
    <Stack gap="md">
      <div>
        <Textarea
          ref={field}
          label="Input"
          placeholder="What the input step gives as text"
          autosize
          minRows={2}
          maxRows={10}
          value={text}
          disabled={!mayRun}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          data-testid="run-input"
        />
        <Group gap="xs" mt={8} justify="space-between">
          <span className={styles.hint}>Ctrl + Enter runs</span>
          {running ? (
            <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={onCancel} data-testid="run-cancel">
              Stop
            </Button>
          ) : (
            <Button leftSection={<IconPlayerPlay size={14} />} onClick={run} disabled={!ready} data-testid="run-start">
              Run
            </Button>
          )}
        </Group>
      </div>
      {problems.length > 0 && (
        <Notice tone="warn" title="Not ready to run" testId="run-blocked">
          {problems.length === 1 ? problems[0]?.message : `${problems.length} problems stand in the way. They are listed on the canvas.`}
        </Notice>
      )}
      {error !== null && <ErrorNotice error={error} testId="run-error" />}
      {progress && <Progress project={project} graph={graph} types={types} progress={progress} question={question} onStep={onStep} />}
    </Stack>
  );
}

type ProgressProps = Pick<RunPanelProps, 'project' | 'graph' | 'types' | 'onStep'> & { progress: RunProgress; question: string };

function Progress({ project, graph, types, progress, question, onStep }: ProgressProps) {
  const over = isOver(progress.state);
  const own = passagesIn(progress.output);
  const passages = own.length > 0 ? own : progress.passages;
  const text = outputText(progress.output) ?? (progress.text || null);
  return (
    <Stack gap="md" data-testid="run" data-state={progress.state}>
      <div className={styles.runHead}>
        <StateBadge state={progress.state} testId="run-state" />
        <Link to={projectHref(project, `runs/${progress.id}`)} className={styles.runLink}>
          Open the run
          <IconArrowUpRight size={13} aria-hidden />
        </Link>
      </div>
      {progress.error && (
        <Notice tone="bad" title="The run failed" testId="run-error">
          {progress.error}
        </Notice>
      )}
      {text !== null ? (
        <CitedText project={project} text={text} passages={passages} query={question} running={!over} testId="run-output" />
      ) : (
        over && progress.output !== null && progress.output !== undefined && <CodeBlock code={pretty(progress.output)} label="output" testId="run-output" />
      )}
      <ol className={styles.runSteps} aria-label="Steps of the run">
        {graph.nodes.map((node) => {
          const step = progress.steps[node.id];
          const state = step?.state ?? 'pending';
          return (
            <li key={node.id}>
              <UnstyledButton className={styles.runStep} onClick={() => onStep(node.id)} data-state={state} data-testid={`run-step-${node.id}`}>
                <i aria-hidden />
                <span className={styles.runStepName}>{titleOf(node, types)}</span>
                {step?.children && <span className={styles.hint}>{childrenText(node.type, step.children)}</span>}
                {step && step.attempt > 1 && <span className={styles.hint}>attempt {step.attempt}</span>}
                <span className={styles.hint}>{step?.startedAt && step.finishedAt ? duration(step.startedAt, step.finishedAt) : state}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </Stack>
  );
}
