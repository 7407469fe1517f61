import { Button, Group, Progress } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { batchesQuery, fileOf, isMoving, useCancelBatch, useDownload, type Batch } from '../../api/jobs';
import { Ago } from '../../components/Ago';
import { formatNumber } from '../../components/format';
import { IconStack2 } from '../../components/icons';
import { showFailure } from '../../components/showFailure';
import { StateBadge } from '../../components/StateBadge';
import styles from './jobs.module.css';
import { WorkList } from './WorkList';

const columns = ['Batch', 'State', 'Done', 'Created', 'Results', ''];

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

export function Batches({ project }: { project: string }) {
  const batches = useInfiniteQuery(batchesQuery(project));
  const cancel = useCancelBatch(project);
  const download = useDownload(project);
  const save = (id: string) => download.mutate(fileOf(id), { onError: showFailure('The file was not read') });
  return (
    <WorkList
      query={batches}
      items={({ data }) => data}
      label="Batches"
      columns={columns}
      icon={IconStack2}
      empty={{ title: 'No batch yet', text: 'Upload a file with one request on each line to /v1/files, then ask for a batch of it at /v1/batches, as with OpenAI.' }}
      row={(batch) => ({
        key: batch.id,
        cells: [
          <Name key="name" id={batch.id} about={batch.endpoint} />,
          <State key="state" batch={batch} />,
          <Done key="done" batch={batch} />,
          <Ago key="created" at={iso(batch.created_at)} />,
          <Group key="files" gap={6}>
            {([['Answers', batch.output_file_id], ['Errors', batch.error_file_id]] as const).map(
              ([label, id]) =>
                id !== null && (
                  <Button key={label} size="compact-xs" variant="default" aria-label={`Download ${label.toLowerCase()} of ${batch.id}`} onClick={() => save(id)}>
                    {label}
                  </Button>
                ),
            )}
          </Group>,
          isMoving(batch.status) && batch.status !== 'cancelling' && (
            <Button key="cancel" size="compact-xs" variant="default" aria-label={`Cancel ${batch.id}`} onClick={() => cancel.mutate(batch.id, { onError: showFailure('The batch was not cancelled') })}>
              Cancel
            </Button>
          ),
        ],
      })}
    />
  );
}

export function Name({ id, about }: { id: string; about: string }) {
  return (
    <>
      <code className={styles.id} title={id}>
        {id}
      </code>
      <div className={styles.quiet}>{about}</div>
    </>
  );
}

function State({ batch: { status, errors, expires_at } }: { batch: Batch }) {
  const first = errors?.data[0];
  return (
    <div className={styles.state}>
      <StateBadge state={status.replaceAll('_', '-')} />
      {first && (
        <div className={styles.quiet}>
          {first.line !== null && `Line ${first.line}: `}
          {first.message}
        </div>
      )}
      {isMoving(status) && (
        <div className={styles.quiet}>
          ends <Ago at={iso(expires_at)} /> at the latest
        </div>
      )}
    </div>
  );
}

function Done({ batch: { id, request_counts } }: { batch: Batch }) {
  const { total, completed, failed } = request_counts;
  const share = (part: number) => (total === 0 ? 0 : (100 * part) / total);
  return (
    <div className={styles.done}>
      <Progress.Root size={6} radius={3} className={styles.bar} aria-label={`${completed + failed} of ${total} requests of ${id} are done`}>
        <Progress.Section value={share(completed)} className={styles.completed} withAria={false} />
        <Progress.Section value={share(failed)} className={styles.failed} withAria={false} />
      </Progress.Root>
      <div className={styles.quiet}>
        {formatNumber(completed + failed)} of {formatNumber(total)}
        {failed > 0 && `, ${formatNumber(failed)} failed`}
      </div>
    </div>
  );
}
