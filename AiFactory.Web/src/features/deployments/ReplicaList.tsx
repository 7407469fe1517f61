import { Progress } from '@mantine/core';
import type { Replica } from '../../api/types';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { formatBytes, formatNumber } from '../../components/format';
import { StateBadge } from '../../components/StateBadge';
import styles from './deployments.module.css';

/** What each worker last said of the deployment. */
export function ReplicaList({ replicas }: { replicas: Replica[] }) {
  if (replicas.length === 0) {
    return <div className={styles.none}>No worker has taken it yet.</div>;
  }
  return replicas.map((replica) => (
    <div key={replica.url} className={styles.replica} data-testid="replica">
      <div className={styles.replicaHead}>
        {replica.worker !== replica.url && <span className={styles.worker}>{replica.worker}</span>}
        <Address value={replica.url} label="internal address" />
        <StateBadge state={replica.state} />
      </div>
      {replica.progress !== null && replica.state !== 'ready' && (
        <Progress
          value={replica.progress * 100}
          size={4}
          color="ember.6"
          mt={8}
          aria-label={`${replica.state}, ${Math.round(replica.progress * 100)} %`}
        />
      )}
      <div className={styles.facts}>
        {replica.message && <span>{replica.message}</span>}
        {replica.progress !== null && replica.state !== 'ready' && <span>{Math.round(replica.progress * 100)} %</span>}
        {replica.memoryBytes !== null && <span>{formatBytes(replica.memoryBytes)} memory</span>}
        {replica.contextLength !== null && <span>{formatNumber(replica.contextLength)} tokens of context</span>}
        <span>
          heard from <Ago at={replica.lastSeenAt} />
        </span>
      </div>
    </div>
  ));
}
