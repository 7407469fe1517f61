import type { SyncResult } from '../../api/types';
import { Ago } from '../../components/Ago';
import { StateBadge } from '../../components/StateBadge';
import styles from './sources.module.css';

export function LastSync({ sync }: { sync: SyncResult | null }) {
  if (sync === null) {
    return <span className={styles.quiet}>never</span>;
  }
  return (
    <>
      <span className={styles.syncHead}>
        <StateBadge state={sync.state} testId="sync-state" />
        <span className={styles.quiet}>
          <Ago at={sync.finishedAt ?? sync.queuedAt} />
        </span>
      </span>
      {sync.error ? (
        <div className={styles.error}>{sync.error}</div>
      ) : (
        sync.state === 'succeeded' && (
          <div className={styles.quiet}>
            {sync.discovered} found, {sync.added} new, {sync.skipped} kept out by the rules
          </div>
        )
      )}
    </>
  );
}
