import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { runEvents } from '../../api/builder/runs';
import type { RunEvent } from '../../api/builder/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { formatClock } from '../../components/format';
import styles from './runs.module.css';

/** The run's own list, as it grows. Pieces of text are not part of it. */
export function EventList({ project, run }: { project: string; run: string }) {
  const [events, setEvents] = useState<RunEvent[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const read = async () => {
      try {
        for await (const event of runEvents(project, run, controller.signal)) {
          if (event.type !== 'step.delta') {
            setEvents((all) => [...all, event]);
          }
        }
      } catch (caught) {
        if (!controller.signal.aborted) {
          setError(caught);
        }
      }
    };
    setEvents([]);
    setError(null);
    void read();
    return () => controller.abort();
  }, [project, run, tries]);

  return (
    <>
      {error !== null && (
        <div className={styles.inset}>
          <ErrorNotice error={error} onRetry={() => setTries((count) => count + 1)} />
        </div>
      )}
      {error === null && events.length === 0 && (
        <div className={styles.inset}>
          <Skeleton height={60} />
        </div>
      )}
      <ol className={styles.events} role="log" aria-label="Events">
        {events.map((event) => (
          <li key={event.sequence} data-testid="event">
            <span className={styles.sequence}>{event.sequence}</span>
            <time dateTime={event.at}>{formatClock(event.at)}</time>
            <span className={styles.eventType}>{event.type}</span>
            {event.node && <span>{event.node}</span>}
            {event.attempt !== null && event.attempt !== undefined && event.attempt > 1 && <span className={styles.quiet}>attempt {event.attempt}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}
