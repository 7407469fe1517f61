import { Button, Center, Table } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { QueryView } from '../../components/QueryView';

interface WorkListProps<P, T> {
  query: UseInfiniteQueryResult<InfiniteData<P>>;
  items: (page: P) => T[];
  label: string;
  columns: readonly string[];
  row: (item: T) => { key: string; cells: ReactNode[] };
  icon: Icon;
  empty: { title: string; text: ReactNode };
}

/** A list that grows downwards, newest first: batches and jobs differ only in their cells. */
export function WorkList<P, T>({ query, items, label, columns, row, icon, empty }: WorkListProps<P, T>) {
  return (
    <QueryView query={query} skeleton={<TableSkeleton rows={4} />}>
      {({ pages }) => {
        const all = pages.flatMap(items);
        if (all.length === 0) {
          return (
            <EmptyState icon={icon} title={empty.title}>
              {empty.text}
            </EmptyState>
          );
        }
        return (
          <>
            <DataTable label={label} columns={columns} minWidth={820}>
              {all.map(row).map(({ key, cells }) => (
                <Table.Tr key={key} data-testid={`work-${key}`}>
                  {cells.map((cell, index) => (
                    <Table.Td key={index}>{cell}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </DataTable>
            {query.isFetchNextPageError && <ErrorNotice error={query.error} onRetry={() => void query.fetchNextPage()} />}
            {query.hasNextPage && (
              <Center mt="md">
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-testid="work-more">
                  Show older
                </Button>
              </Center>
            )}
          </>
        );
      }}
    </QueryView>
  );
}
