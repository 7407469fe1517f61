import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { isOver, runQuery, useCancelRun } from '../../api/builder/runs';
import type { Passage, Run } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { BackLink } from '../../components/BackLink';
import { CitedText } from '../../components/CitedText';
import { CodeBlock } from '../../components/CodeBlock';
import { Definitions } from '../../components/Definitions';
import { duration, formatNumber } from '../../components/format';
import { IconPlayerStop, IconRoute2 } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { outputText, passagesIn, pretty } from '../../components/passages';
import { QueryView } from '../../components/QueryView';
import { showFailure } from '../../components/showFailure';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import { EventList } from './EventList';
import styles from './runs.module.css';
import { StepTimeline } from './StepTimeline';

export function RunPage() {
  const project = useProject();
  const { id = '' } = useParams();
  const run = useQuery(runQuery(project, id));
  return (
    <QueryView
      query={run}
      header={<PageHeader title="Run" above={<BackLink to={projectHref(project, 'runs')}>Runs</BackLink>} />}
      skeleton={<Skeleton height={320} radius={10} />}
    >
      {(data) => <RunView project={project} run={data} />}
    </QueryView>
  );
}

function RunView({ project, run }: { project: string; run: Run }) {
  const mayRun = usePermission('flows.run');
  const cancel = useCancelRun(project);
  const over = isOver(run.state);
  const input = outputText(run.input);
  const output = outputText(run.output);
  return (
    <>
      <PageHeader
        documentTitle={`Run of ${run.flow}`}
        above={
          run.parent ? (
            <BackLink to={projectHref(project, `runs/${run.parent.runId}`)}>
              Run of the step {run.parent.node}, number {run.parent.index}
            </BackLink>
          ) : (
            <BackLink to={projectHref(project, 'runs')}>Runs</BackLink>
          )
        }
        title={
          <span className={styles.title}>
            {run.flow}
            <StateBadge state={run.state} testId="run-state" />
          </span>
        }
        description={
          <>
            Revision {run.revision}, <Ago at={run.createdAt} />
            {run.startedAt && run.finishedAt && `, took ${duration(run.startedAt, run.finishedAt)}`}
          </>
        }
        actions={
          <>
            <Button variant="default" component={Link} to={projectHref(project, `flows/${encodeURIComponent(run.flow)}`)} leftSection={<IconRoute2 size={14} />}>
              Open the flow
            </Button>
            {mayRun && !over && (
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={14} />}
                loading={cancel.isPending}
                onClick={() => cancel.mutate(run.id, { onError: showFailure('The run could not be cancelled') })}
                data-testid="cancel-run"
              >
                Cancel
              </Button>
            )}
          </>
        }
      />
      <div className={styles.grid}>
        <div className={styles.column}>
          {run.error && (
            <Notice tone="bad" title="The run failed" testId="run-error">
              {run.error}
            </Notice>
          )}
          <Panel title="Input">{input !== null ? <div className={styles.text}>{input}</div> : <CodeBlock code={pretty(run.input)} label="input" />}</Panel>
          {run.output !== null && run.output !== undefined && (
            <Panel title="Output" testId="run-output">
              {output !== null ? <CitedText project={project} text={output} passages={passagesOf(run)} query={input ?? ''} /> : <CodeBlock code={pretty(run.output)} label="output" />}
            </Panel>
          )}
          <Panel title="Steps" flush testId="run-steps">
            <StepTimeline key={run.id} project={project} run={run} />
          </Panel>
          <Panel title="Events" flush testId="run-events">
            <EventList key={run.id} project={project} run={run.id} />
          </Panel>
        </div>
        <Panel title="Facts">
          <Definitions
            items={[
              ['Run', <Address value={run.id} shown={run.id.slice(0, 13)} label="run id" />],
              ['Trace', run.traceId && <Address value={run.traceId} shown={run.traceId.slice(0, 16)} label="trace id" />],
              ['Prompt tokens', run.usage && formatNumber(run.usage.promptTokens)],
              ['Completion tokens', run.usage && formatNumber(run.usage.completionTokens)],
              ['Created', <Ago at={run.createdAt} />],
              ['Started', run.startedAt && <Ago at={run.startedAt} />],
              ['Ended', run.finishedAt && <Ago at={run.finishedAt} />],
            ]}
          />
          {run.traceId && <p className={styles.quiet}>The trace id finds every call of this run, down to the worker, in the telemetry that the factory sends.</p>}
        </Panel>
      </div>
    </>
  );
}

/** Those of the output, else of the last step that found any: the answer cites their numbers. */
function passagesOf(run: Run): Passage[] {
  const own = passagesIn(run.output);
  return own.length > 0 ? own : ((run.steps ?? []).map(({ output }) => passagesIn(output)).findLast((found) => found.length > 0) ?? []);
}
