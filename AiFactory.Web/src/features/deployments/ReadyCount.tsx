import type { Deployment } from '../../api/types';
import styles from './deployments.module.css';

/** "2 / 3" with a bar for each replica. */
export function ReadyCount({ deployment: { readyReplicas, replicas } }: { deployment: Deployment }) {
  const bars = Math.min(Math.max(replicas, readyReplicas), 8);
  return (
    <span className={styles.ready} data-testid="ready-count">
      <span>
        {readyReplicas} / {replicas}
      </span>
      <span className={styles.bars} aria-hidden>
        {Array.from({ length: bars }, (_, index) => (
          <i key={index} data-on={index < Math.round((readyReplicas / Math.max(replicas, readyReplicas)) * bars) || undefined} />
        ))}
      </span>
    </span>
  );
}
