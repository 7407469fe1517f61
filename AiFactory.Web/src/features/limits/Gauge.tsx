import { Progress } from '@mantine/core';
import type { LimitState } from '../../api/limits';
import { Ago } from '../../components/Ago';
import { formatAmount, measures, taken } from './limitText';
import styles from './limits.module.css';

const most = (part: number, amount: number) => Math.min(100, (100 * part) / amount);

/** How much of a limit is used, held by gateways and left, for one owner. */
export function Gauge({ state, owner, currency }: { state: LimitState; owner: string | null; currency: string }) {
  const { used, leased, reserved, remaining, amount, measure, resetsAt } = state;
  const share = taken(state);
  const tone = remaining <= 0 ? 'bad' : share >= 0.9 ? 'warn' : undefined;
  const isAtOnce = measure === 'concurrency';
  const first = isAtOnce ? reserved : used;
  const held = isAtOnce ? Math.max(0, leased - reserved) : leased;
  const facts = [
    `${formatAmount(first)} ${isAtOnce ? 'under way here' : 'used'}`,
    held > 0 && `${formatAmount(held)} held`,
    `${formatAmount(remaining)} left`,
  ].filter(Boolean);
  return (
    <div className={styles.gauge} data-tone={tone} data-testid="gauge">
      {owner && <div className={styles.owner}>{owner}</div>}
      <Progress.Root size={8} radius={4} className={styles.bar} aria-label={`${facts.join(', ')} of ${formatAmount(amount)} ${measures[measure].unit(currency)}`}>
        <Progress.Section value={most(first, amount)} className={styles.used} withAria={false} />
        <Progress.Section value={Math.min(most(held, amount), 100 - most(first, amount))} className={styles.held} withAria={false} />
      </Progress.Root>
      <div className={styles.facts}>
        <span>{facts.join(', ')}</span>
        {!isAtOnce && (
          <span>
            {resetsAt === null ? (
              'never begins anew'
            ) : (
              <>
                begins anew <Ago at={resetsAt} />
              </>
            )}
          </span>
        )}
      </div>
    </div>
  );
}
