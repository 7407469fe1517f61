import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { childRunsQuery, isOver } from '../../api/builder/runs';
import type { Run } from '../../api/builder/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { duration } from '../../components/format';
import { StateBadge } from '../../components/StateBadge';
import { projectHref } from '../../components/useProject';
import styles from './runs.module.css';

/** The runs that a step has begun, one for each item or turn. */
export function ChildRuns({ project, run, node }: { project: string; run: Run; node: string }) {
  const runs = useInfiniteQuery(childRunsQuery(project, run.id, node, !isOver(run.state)));
  if (runs.isError) {
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
