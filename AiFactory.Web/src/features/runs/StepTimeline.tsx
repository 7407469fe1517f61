import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { stepPath } from '../../api/builder/runs';
import type { Run, RunStep } from '../../api/builder/types';
import { childrenText } from '../../components/childrenText';
import { CodeBlock } from '../../components/CodeBlock';
import { duration } from '../../components/format';
import { IconChevronDown, IconChevronRight } from '../../components/icons';
import { pretty } from '../../components/passages';
import { StateBadge } from '../../components/StateBadge';
import { ChildRuns } from './ChildRuns';
import styles from './runs.module.css';

/** Each step with a bar where it stood in the run's time; its output opens below. */
export function StepTimeline({ project, run }: { project: string; run: Run }) {
  const steps = run.steps ?? [];
  const start = Date.parse(run.startedAt ?? run.createdAt);
  const end = Math.max(start + 1, ...steps.map(({ finishedAt, startedAt }) => Date.parse(finishedAt ?? startedAt ?? '') || 0));
  if (steps.length === 0) {
    return <p className={styles.none}>No step has begun yet.</p>;
  }
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <Step key={step.node} project={project} run={run.id} step={step} whole={stepPath(project, run.id, step.node)} start={start} span={end - start} />
      ))}
    </ol>
  );
}

function Step({ project, run, step, whole, start, span }: { project: string; run: string; step: RunStep; whole: string; start: number; span: number }) {
  const [opened, setOpened] = useState(false);
  const from = step.startedAt ? Date.parse(step.startedAt) - start : 0;
  const length = step.startedAt ? (step.finishedAt ? Date.parse(step.finishedAt) - start : span) - from : 0;
  const hasOutput = step.output !== null && step.output !== undefined;
  const opens = hasOutput || Boolean(step.children);
  return (
    <li className={styles.step} data-testid={`step-${step.node}`} data-state={step.state}>
      <UnstyledButton className={styles.stepHead} onClick={() => setOpened(!opened)} aria-expanded={opened} disabled={!opens}>
        <span className={styles.stepName}>
          {opens ? opened ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden /> : <i className={styles.noChevron} />}
          <b>{step.node}</b>
          <span className={styles.quiet}>{step.type}</span>
          {step.children && <span className={styles.quiet}>{childrenText(step.type, step.children)}</span>}
          {step.attempt > 1 && <span className={styles.quiet}>attempt {step.attempt}</span>}
        </span>
        <span className={styles.lane} aria-hidden>
          {step.startedAt && <i data-state={step.state} style={{ insetInlineStart: `${(from * 100) / span}%`, width: `max(3px, ${(length * 100) / span}%)` }} />}
        </span>
        <span className={styles.stepTime}>{step.startedAt && step.finishedAt ? duration(step.startedAt, step.finishedAt) : ''}</span>
        <StateBadge state={step.state === 'pending' ? 'waiting' : step.state} testId="step-state" />
      </UnstyledButton>
      {step.error && <div className={styles.stepError}>{step.error}</div>}
      {opened && step.children && (
        <div className={styles.stepOutput}>
          <ChildRuns project={project} run={run} step={step} />
        </div>
      )}
      {opened && hasOutput && (
        <div className={styles.stepOutput}>
          <CodeBlock code={pretty(step.output)} label={`output of ${step.node}`} />
          {step.truncated && (
            <p className={styles.quiet} data-testid="truncated">
              This is the beginning of a large output.{' '}
              <a href={whole} target="_blank" rel="noreferrer">
                Open the whole as JSON
              </a>
            </p>
          )}
        </div>
      )}
    </li>
  );
}
