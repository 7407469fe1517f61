import { Button, Group, Select, Table } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { flowsQuery } from '../../api/builder/flows';
import { runsQuery } from '../../api/builder/runs';
import type { RunSummary } from '../../api/builder/types';
import { Ago } from '../../components/Ago';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { duration, formatNumber } from '../../components/format';
import { IconActivity } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import styles from './runs.module.css';

const columns = ['Run', 'State', 'Flow', 'Took', 'Tokens', 'Started'];
const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

export function RunsPage() {
  const project = useProject();
  // The filters are in the address, so that what one sees can be sent to somebody.
  const [parameters, setParameters] = useSearchParams();
  const filter = { flow: parameters.get('flow'), state: parameters.get('state') };
  const runs = useInfiniteQuery(runsQuery(project, filter));
  const flows = useQuery({ ...flowsQuery(project), refetchInterval: false });
  const items = runs.data?.pages.flatMap((page) => page.items);
  const filtered = filter.flow !== null || filter.state !== null;
  const set = (name: 'flow' | 'state', value: string | null) =>
    setParameters(
      (current) => {
        const next = new URLSearchParams(current);
        if (value === null) {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );

  return (
    <>
      <PageHeader title="Runs" description="What the flows have done, step by step." />
      {(filtered || (items && items.length > 0)) && (
        <Group gap="xs" mb="md">
          <Select
            aria-label="Flow"
            placeholder="Every flow"
            size="xs"
            clearable
            searchable
            data={(flows.data ?? []).map(({ name }) => name)}
            value={filter.flow}
            onChange={(value) => set('flow', value)}
          />
          <Select aria-label="State" placeholder="Every state" size="xs" clearable data={states} value={filter.state} onChange={(value) => set('state', value)} data-testid="filter-state" />
        </Group>
      )}
      {runs.isError && <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.isPending && <TableSkeleton rows={5} />}
      {items?.length === 0 && (
        <EmptyState icon={IconActivity} title={filtered ? 'No run matches' : 'Nothing has run yet'}>
          {filtered ? 'Widen the filters to see more.' : 'A run appears here when a flow is tried on its canvas, talked to in a thread, or called as a model.'}
        </EmptyState>
      )}
      {items && items.length > 0 && (
        <>
          <DataTable label="Runs" columns={columns} minWidth={820}>
            {items.map((run) => (
              <RunRow key={run.id} project={project} run={run} />
            ))}
          </DataTable>
          {runs.hasNextPage && (
            <Group justify="center" mt="md">
              <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
                Older runs
              </Button>
            </Group>
          )}
        </>
      )}
    </>
  );
}

function RunRow({ project, run }: { project: string; run: RunSummary }) {
  const tokens = run.usage ? run.usage.promptTokens + run.usage.completionTokens : 0;
  return (
    <Table.Tr data-testid={`run-${run.id}`}>
      <Table.Td className={styles.run}>
        <Link to={projectHref(project, `runs/${run.id}`)} className={styles.name}>
          {run.title}
        </Link>
        {run.error && <div className={styles.error}>{run.error}</div>}
      </Table.Td>
      <Table.Td>
        <StateBadge state={run.state} testId="run-state" />
      </Table.Td>
      <Table.Td>
        <Link to={projectHref(project, `flows/${encodeURIComponent(run.flow)}`)} className={styles.link}>
          {run.flow}
        </Link>{' '}
        <span className={styles.quiet}>r{run.revision}</span>
      </Table.Td>
      <Table.Td className={styles.nowrap}>{run.startedAt && run.finishedAt ? duration(run.startedAt, run.finishedAt) : ''}</Table.Td>
      <Table.Td>{tokens > 0 ? formatNumber(tokens) : ''}</Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={run.startedAt ?? run.createdAt} />
      </Table.Td>
    </Table.Tr>
  );
}
