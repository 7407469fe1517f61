import styles from './StateBadge.module.css';

type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const tones: Record<string, Tone> = {
  ready: 'good',
  approved: 'good',
  succeeded: 'good',
  passed: 'good',
  active: 'good',
  published: 'good',
  completed: 'good',
  healthy: 'good',
  served: 'good',
  'pending-approval': 'warn',
  degraded: 'warn',
  draining: 'warn',
  pending: 'warn',
  'half-open': 'warn',
  masked: 'warn',
  paused: 'warn',
  'no-replica': 'warn',
  quarantined: 'bad',
  rejected: 'bad',
  failed: 'bad',
  lost: 'bad',
  revoked: 'bad',
  'set-aside': 'bad',
  blocked: 'bad',
  'not-served': 'bad',
  expired: 'bad',
  halted: 'bad',
  'rolled-back': 'bad',
  progressing: 'info',
  scanning: 'info',
  fetching: 'info',
  loading: 'info',
  running: 'info',
  validating: 'info',
  'in-progress': 'info',
  finalizing: 'info',
  queued: 'info',
  parsing: 'info',
  embedding: 'info',
  discovered: 'info',
};

const busy = new Set(['progressing', 'scanning', 'parsing', 'embedding', 'fetching', 'loading', 'running', 'validating', 'in-progress', 'finalizing', 'unloading', 'serving-former']);

/** A state's own word beside a dot; the dot breathes while something moves. */
export function StateBadge({ state, testId = 'state' }: { state: string; testId?: string }) {
  const tone = tones[state] ?? 'quiet';
  return (
    <span className={styles.badge} data-tone={tone} data-busy={busy.has(state) || undefined} data-testid={testId} data-state={state}>
      <span className={styles.dot} aria-hidden />
      {state.replaceAll('-', ' ')}
    </span>
  );
}
