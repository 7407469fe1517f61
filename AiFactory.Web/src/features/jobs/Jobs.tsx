import { Button, Group } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { isMoving, jobsQuery, resultOf, useDeleteJob, useDownload, type Job } from '../../api/jobs';
import { Ago } from '../../components/Ago';
import { IconClock } from '../../components/icons';
import { showFailure } from '../../components/showFailure';
import { StateBadge } from '../../components/StateBadge';
import { Name } from './Batches';
import styles from './jobs.module.css';
import { WorkList } from './WorkList';

const columns = ['Job', 'State', 'Tries', 'Created', 'Result', ''];

export function Jobs({ project }: { project: string }) {
  const jobs = useInfiniteQuery(jobsQuery(project));
  const remove = useDeleteJob(project);
  const download = useDownload(project);
  return (
    <WorkList
      query={jobs}
      items={({ items }) => items}
      label="Jobs"
      columns={columns}
      icon={IconClock}
      empty={{ title: 'No job yet', text: 'A job is one request that is done when there is room: send it to /api/jobs with the route that it is for.' }}
      row={(job) => ({
        key: job.id,
        cells: [
          <Name key="name" id={job.id} about={job.url} />,
          <State key="state" job={job} />,
          job.progress.attempts,
          <Ago key="created" at={job.createdAt} />,
          job.result !== null && (
            <Group key="result" gap={6}>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Download the result of ${job.id}`}
                onClick={() => download.mutate(resultOf(job), { onError: showFailure('The result was not read') })}
              >
                Answer
              </Button>
              <span className={styles.quiet}>status {job.result.status}</span>
            </Group>
          ),
          job.status !== 'cancelling' && (
            <Button
              key="remove"
              size="compact-xs"
              variant="default"
              aria-label={`${isMoving(job.status) ? 'Cancel' : 'Forget'} ${job.id}`}
              onClick={() => remove.mutate(job.id, { onError: showFailure('The job was not changed') })}
            >
              {isMoving(job.status) ? 'Cancel' : 'Forget'}
            </Button>
          ),
        ],
      })}
    />
  );
}

function State({ job: { status, error, progress } }: { job: Job }) {
  return (
    <div className={styles.state}>
      <StateBadge state={status} />
      {error && <div className={styles.quiet}>{error.message}</div>}
      {progress.waitsUntil && (
        <div className={styles.quiet}>
          tried again <Ago at={progress.waitsUntil} />
        </div>
      )}
    </div>
  );
}
