import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '../../api/session';
import { trafficQuery, type TrafficLook } from '../../api/traffic';
import { TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { formatTime } from '../../components/format';
import { IconActivity, IconPlayerPause, IconPlayerPlay } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { DeploymentsTable, deploymentsOf } from './DeploymentsTable';
import { newestOf } from './measures';
import { ReplicasTable } from './ReplicasTable';
import { Tiles } from './Tiles';
import styles from './traffic.module.css';

const scopes = [
  { value: 'project', label: 'This project' },
  { value: 'factory', label: 'Whole factory' },
];

const spans = [
  { value: '10', label: '10 s' },
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: 'start', label: 'Since start' },
];

export function TrafficPage() {
  const project = useProject();
  const { data: session } = useSession();
  const [scope, setScope] = useState('project');
  const [span, setSpan] = useState('60');
  const [live, setLive] = useState(true);
  const withProject = scope === 'factory';
  const traffic = useQuery(trafficQuery(withProject ? null : project, live));
  const seconds = span === 'start' ? null : Number(span);

  return (
    <>
      <PageHeader
        title="Traffic"
        description="Requests to models as they come, and how those that answer them fare."
        actions={
          <>
            {session?.factoryWide && <SegmentedControl size="xs" aria-label="Scope" data={scopes} value={scope} onChange={setScope} />}
            <Button variant="default" leftSection={live ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />} onClick={() => setLive(!live)} data-testid="pause">
              {live ? 'Pause' : 'Resume'}
            </Button>
          </>
        }
      />
      <QueryView query={traffic} skeleton={<TableSkeleton rows={4} />}>
        {(looks) =>
          deploymentsOf(looks).length === 0 ? (
            <EmptyState
              icon={IconActivity}
              title="There is nothing to call"
              action={
                <Button variant="default" component={Link} to={projectHref(project, 'deployments')}>
                  See the deployments
                </Button>
              }
            >
              The traffic of a deployment shows here from its first request.
            </EmptyState>
          ) : (
            <>
              <div className={styles.toolbar}>
                <Seen looks={looks} live={live} />
                <SegmentedControl size="xs" aria-label="Figures of the last" data={spans} value={span} onChange={setSpan} />
              </div>
              <Tiles looks={looks} seconds={seconds} />
              <h2 className={styles.heading}>By deployment</h2>
              <DeploymentsTable looks={looks} seconds={seconds} withProject={withProject} />
              <h2 className={styles.heading}>Replicas and upstreams</h2>
              <ReplicasTable looks={looks} withProject={withProject} />
            </>
          )
        }
      </QueryView>
    </>
  );
}

/** Each gateway counts for itself: it is said whose figures these are. */
function Seen({ looks, live }: { looks: readonly TrafficLook[]; live: boolean }) {
  const gateways = newestOf(looks).map(({ gateway }) => gateway);
  const first = gateways[0];
  return (
    <div className={styles.seen} data-testid="seen">
      {!live && looks.length > 0 && <b>Paused at {formatTime(looks.at(-1)!.at)}. </b>}
      {gateways.length === 1 && first
        ? `As gateway ${first.name} has seen it since ${formatTime(first.startedAt)}; another gateway has figures of its own.`
        : `Of ${gateways.length} gateways that answered just now, together: ${gateways.map(({ name }) => name).join(', ')}.`}{' '}
      An answer's tokens count when it has ended.
    </div>
  );
}
