import type { Rollout } from '../../api/rollouts';
import styles from './deployments.module.css';
import { formatSpan } from './spans';

/** What lies behind and before it: waiting for replicas, each share, and all. */
export function RolloutSteps({ rollout }: { rollout: Rollout }) {
  const { step, steps, state } = rollout;
  const last = steps.length;
  const at = state === 'completed' ? last : step;
  const stands = (index: number) => (index < at || state === 'completed' ? 'past' : index === at ? 'now' : 'next');
  return (
    <ol className={styles.steps} aria-label="Steps">
      <li data-at={stands(-1)}>
        Ready <small>within {formatSpan(rollout.readyWithin)}</small>
      </li>
      {steps.map((each, index) => (
        <li key={each.percent} data-at={stands(index)} aria-current={stands(index) === 'now' ? 'step' : undefined}>
          {each.percent} %{' '}
          <small>{[each.duration && formatSpan(each.duration), each.requests && `${each.requests} requests`].filter(Boolean).join(', ')}</small>
        </li>
      ))}
      <li data-at={stands(last)}>All</li>
    </ol>
  );
}
