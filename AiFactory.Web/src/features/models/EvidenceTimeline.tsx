import { Text } from '@mantine/core';
import type { Evidence } from '../../api/types';
import { Ago } from '../../components/Ago';
import { IconBan, IconCheck, IconCircleDashed, IconX } from '../../components/icons';
import styles from './EvidenceTimeline.module.css';

const outcomes: Record<string, { tone: string; icon: typeof IconCheck }> = {
  passed: { tone: 'good', icon: IconCheck },
  approved: { tone: 'good', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
  rejected: { tone: 'bad', icon: IconX },
  revoked: { tone: 'bad', icon: IconBan },
};

/** Every step through the gate, oldest first: what was decided, by whom, when. */
export function EvidenceTimeline({ evidence }: { evidence: Evidence[] }) {
  if (evidence.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has been recorded yet.
      </Text>
    );
  }
  const ordered = evidence.toSorted((a, b) => a.sequence - b.sequence);
  return (
    <ol className={styles.timeline}>
      {ordered.map((step) => {
        const { tone, icon: Icon } = outcomes[step.outcome] ?? { tone: 'quiet', icon: IconCircleDashed };
        return (
          <li key={step.sequence} className={styles.step} data-tone={tone} data-testid={`evidence-${step.stage}`}>
            <span className={styles.dot} aria-hidden>
              <Icon size={12} stroke={2.6} />
            </span>
            <div className={styles.body}>
              <div className={styles.head}>
                <span className={styles.stage}>{step.stage}</span>
                <span className={styles.outcome}>{step.outcome}</span>
                <span className={styles.when}>
                  {step.actor} · <Ago at={step.at} />
                </span>
              </div>
              <div className={styles.detail}>{step.detail}</div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
