import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { childRunsQuery } from '../../api/builder/runs';
import type { RunStep } from '../../api/builder/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { duration } from '../../components/format';
import { StateBadge } from '../../components/StateBadge';
import { projectHref } from '../../components/useProject';
import styles from './runs.module.css';

/** The runs that a step has begun, one for each item or turn. */
export function ChildRuns({ project, run, step }: { project: string; run: string; step: RunStep }) {
  const { node } = step;
  const runs = useInfiniteQuery(childRunsQuery(project, run, node, step.state === 'running' || step.state === 'ready'));
  // What was read stays when one look at it fails.
  if (runs.isError && !runs.data) {
    return <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />;
  }
  if (runs.isPending) {
    return <Skeleton height={60} />;
  }
  return (
    <>
      <ol className={styles.children} aria-label={`Runs of ${node}`}>
        {runs.data.pages
          .flatMap(({ items }) => items)
          .map((child) => (
            <li key={child.id} data-testid="child-run" data-state={child.state}>
              <span className={styles.sequence}>{child.parent?.index}</span>
              <Link to={projectHref(project, `runs/${child.id}`)} className={styles.childName}>
                {child.title || child.flow}
              </Link>
              {child.error && <span className={styles.error}>{child.error}</span>}
              <span className={styles.stepTime}>{child.startedAt && child.finishedAt ? duration(child.startedAt, child.finishedAt) : ''}</span>
              <StateBadge state={child.state} testId="child-state" />
            </li>
          ))}
      </ol>
      {runs.hasNextPage && (
        <Button variant="default" size="xs" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          More runs
        </Button>
      )}
    </>
  );
}
