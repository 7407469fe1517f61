import { Table } from '@mantine/core';
import type { ReplicaTraffic, TrafficLook } from '../../api/traffic';
import { Ago } from '../../components/Ago';
import { DataTable } from '../../components/DataTable';
import { formatNumber } from '../../components/format';
import { StateBadge } from '../../components/StateBadge';
import { formatSeconds, formatShare } from './formats';
import { newestOf } from './measures';
import styles from './traffic.module.css';

const causes: Record<NonNullable<ReplicaTraffic['cause']>, string> = {
  unreachable: 'Nobody answers there, or the connection breaks',
  away: 'It asked for time, or has not the model',
  failing: 'It answers with failures',
};

/** What is wrong comes first. */
const order: Record<string, number> = { 'no-replica': 0, revoked: 0, 'set-aside': 1, 'half-open': 2, healthy: 3 };

interface Row {
  key: string;
  deployment: string;
  replica: string | null;
  gateway: string;
  state: string;
  why: string | null;
  underWay: number | null;
  load: ReplicaTraffic['load'];
  failures: number;
  lastFailure: ReplicaTraffic['lastFailure'];
}

/** Each gateway has breakers of its own, so a replica has a row for each. */
function rowsOf(looks: readonly TrafficLook[], withProject: boolean): Row[] {
  return newestOf(looks)
    .flatMap(({ gateway, at, items }) =>
      items.flatMap((item): Row[] => {
        const deployment = withProject ? `${item.project}/${item.name}` : item.name;
        const common = { deployment, gateway: gateway.name, replica: null, underWay: null, load: null, failures: 0, lastFailure: null };
        if (item.replicas.length === 0) {
          return [{ ...common, key: `${gateway.id} ${item.id}`, state: item.revoked === null ? 'no-replica' : 'revoked', why: item.revoked ?? 'No worker has it ready' }];
        }
        return item.replicas.map((replica) => ({
          ...common,
          ...replica,
          key: `${gateway.id} ${item.id} ${replica.id}`,
          replica: item.upstream === null ? replica.id : `upstream ${item.upstream}`,
          why: replica.cause && [causes[replica.cause], whenAgain(replica, at)].join('. '),
        }));
      }),
    )
    .sort((a, b) => (order[a.state] ?? 0) - (order[b.state] ?? 0) || a.deployment.localeCompare(b.deployment));
}

/** By the gateway's own clock. */
function whenAgain({ until }: ReplicaTraffic, at: string): string {
  return until === null ? 'The next request tries it.' : `Tried again in ${Math.max(0.1, (Date.parse(until) - Date.parse(at)) / 1000).toFixed(1)} s.`;
}

/** What each server tells differs: vLLM says who waits, and not how many it computes. */
function Load({ load }: { load: ReplicaTraffic['load'] }) {
  if (load === null) {
    return <span className={styles.quiet}>not told</span>;
  }
  const requests = [load.waiting !== null && `${formatNumber(load.waiting)} waiting`, load.running !== null && `${formatNumber(load.running)} running`];
  const rest = [load.cacheUse !== null && `cache ${formatShare(load.cacheUse)}`, `told ${formatSeconds(load.ageSeconds)} ago`];
  return (
    <>
      {requests.filter(Boolean).join(', ')}
      <div className={styles.quiet}>{rest.filter(Boolean).join(', ')}</div>
    </>
  );
}

export function ReplicasTable({ looks, withProject }: { looks: readonly TrafficLook[]; withProject: boolean }) {
  const several = newestOf(looks).length > 1;
  const columns = ['Replica or upstream', ...(several ? ['Gateway'] : []), 'State', 'Under way', 'Tells of itself', 'Failures', 'Last failure'];
  return (
    <DataTable label="Replicas and upstreams" columns={columns} minWidth={880}>
      {rowsOf(looks, withProject).map((row) => (
        <Table.Tr key={row.key} data-testid="replica">
          <Table.Td className={styles.name}>
            {row.replica ?? <span className={styles.quiet}>none</span>}
            <div className={styles.quiet}>{row.deployment}</div>
          </Table.Td>
          {several && <Table.Td>{row.gateway}</Table.Td>}
          <Table.Td className={styles.state}>
            <StateBadge state={row.state} />
            {row.why && <div className={styles.quiet}>{row.why}</div>}
          </Table.Td>
          <Table.Td>{row.underWay ?? '-'}</Table.Td>
          <Table.Td>
            <Load load={row.load} />
          </Table.Td>
          <Table.Td>{formatNumber(row.failures)}</Table.Td>
          <Table.Td>
            {row.lastFailure === null ? (
              <span className={styles.quiet}>none since the start</span>
            ) : (
              <>
                {row.lastFailure.reason}
                <div className={styles.quiet}>
                  <Ago at={row.lastFailure.at} />
                </div>
              </>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}
