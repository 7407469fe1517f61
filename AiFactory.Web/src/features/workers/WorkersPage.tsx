import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { workersQuery } from '../../api/workers';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { formatBytes } from '../../components/format';
import { IconCpu } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';

const columns = ['Worker', 'State', 'Hardware', 'Threads', 'Memory', 'Deployments', 'Last heard'];

export function WorkersPage() {
  const workers = useQuery(workersQuery);
  return (
    <>
      <PageHeader title="Workers" description="Processes that load models and answer. They serve every project of the factory." />
      <QueryView query={workers} skeleton={<TableSkeleton rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconCpu} title="No worker has reported">
              A worker appears here with its first heartbeat. Until one does, deployments stay pending.
            </EmptyState>
          ) : (
            <DataTable label="Workers" columns={columns} minWidth={820}>
              {items.map((worker) => (
                <Table.Tr key={worker.url} data-testid="worker">
                  <Table.Td>
                    <Address value={worker.url} label="worker's address" />
                  </Table.Td>
                  <Table.Td>
                    <StateBadge state={worker.state} />
                  </Table.Td>
                  <Table.Td>{worker.hardware}</Table.Td>
                  <Table.Td>{worker.threads}</Table.Td>
                  <Table.Td>{formatBytes(worker.memoryBytes)}</Table.Td>
                  <Table.Td>{worker.deployments}</Table.Td>
                  <Table.Td>
                    <Ago at={worker.lastSeenAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </DataTable>
          )
        }
      </QueryView>
    </>
  );
}
