import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { deploymentsQuery } from '../../api/deployments';
import { modelsQuery } from '../../api/models';
import { usePermission } from '../../api/session';
import { workersQuery } from '../../api/workers';
import { CodeBlock } from '../../components/CodeBlock';
import { firstCall } from '../../components/curl';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconFolderDown } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import { Attention } from './Attention';
import styles from './overview.module.css';
import { summarise } from './summary';

/** What runs, what waits for a person, and how to call it. */
export function OverviewPage() {
  const project = useProject();
  const models = useQuery(modelsQuery(project));
  const deployments = useQuery(deploymentsQuery(project));
  const workers = useQuery({ ...workersQuery, enabled: usePermission('workers.read') });
  const failed = [models, deployments, workers].find((query) => query.isError);
  const summary = summarise(models.data ?? [], deployments.data ?? [], workers.data?.items ?? []);
  const ready = deployments.data?.find((each) => each.readyReplicas > 0 && each.task === 'chat') ?? deployments.data?.find((each) => each.readyReplicas > 0);

  return (
    <>
      <PageHeader title="Overview" description={`Project ${project}`} />
      {failed && (
        <div className={styles.failed}>
          <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />
        </div>
      )}
      <div className={styles.tiles} data-testid="tiles">
        <Tile to={projectHref(project, 'models')} label="Models approved" value={summary.approved} of={summary.models} query={models} />
        <Tile to={projectHref(project, 'deployments')} label="Deployments ready" value={summary.readyDeployments} of={summary.deployments} query={deployments} />
        <Tile to={projectHref(project, 'deployments')} label="Replicas ready" value={summary.readyReplicas} of={summary.replicas} query={deployments} />
        <Tile to={projectHref(project, 'workers')} label="Workers ready" value={summary.readyWorkers} of={summary.workers} query={workers} />
      </div>
      <div className={styles.columns}>
        <div className={styles.column}>
          {models.data?.length === 0 ? (
            <EmptyState
              icon={IconFolderDown}
              title="The project is empty"
              action={
                <Button component={Link} to={projectHref(project, 'sources')}>
                  Add a source
                </Button>
              }
            >
              A source brings models in. Once one is scanned and approved, it can be deployed and called.
            </EmptyState>
          ) : (
            models.data && deployments.data && <Attention project={project} models={models.data} deployments={deployments.data} />
          )}
          {ready && (
            <Panel title={`Call ${ready.name}`}>
              <CodeBlock code={firstCall(ready)} label="curl command" testId="curl" />
            </Panel>
          )}
        </div>
        <Panel title="Deployments" flush>
          {deployments.isPending && <Skeleton height={80} radius={0} />}
          {deployments.isError && !deployments.data && <div className={styles.none}>Not known.</div>}
          {deployments.data?.length === 0 && <div className={styles.none}>Nothing is deployed yet.</div>}
          <ul className={styles.list}>
            {deployments.data?.map((deployment) => (
              <li key={deployment.id}>
                <Link to={projectHref(project, `deployments/${encodeURIComponent(deployment.name)}`)} className={styles.item}>
                  <span className={styles.itemName}>{deployment.name}</span>
                  <span className={styles.quiet}>
                    {deployment.readyReplicas} / {deployment.replicas}
                  </span>
                  <StateBadge state={deployment.phase} />
                </Link>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
    </>
  );
}

interface TileProps {
  to: string;
  label: string;
  value: number;
  of: number;
  query: { data: unknown; isLoading: boolean };
}

function Tile({ to, label, value, of, query }: TileProps) {
  return (
    <Link to={to} className={styles.tile}>
      <span className={styles.label}>{label}</span>
      {query.isLoading ? (
        <Skeleton height={26} width={44} mt={5} />
      ) : query.data === undefined ? (
        <span className={styles.value}>-</span>
      ) : (
        <span className={styles.value}>
          {value}
          <small> / {of}</small>
        </span>
      )}
    </Link>
  );
}
