import { Button, Center } from '@mantine/core';
import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryOptions } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../../api/types';
import { TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconHistory } from '../../components/icons';
import { QueryView } from '../../components/QueryView';

interface EntriesProps<T, K extends readonly unknown[]> {
  query: UseInfiniteQueryOptions<Page<T>, Error, InfiniteData<Page<T>>, K, string | null>;
  /** What will stand here one day. */
  empty: string;
  children: (entries: T[]) => ReactNode;
}

/** Entries, newest first, a page at a time. */
export function Entries<T, K extends readonly unknown[]>({ query, empty, children }: EntriesProps<T, K>) {
  const entries = useInfiniteQuery(query);
  return (
    <QueryView query={entries} skeleton={<TableSkeleton rows={8} />}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        return items.length === 0 ? (
          <EmptyState icon={IconHistory} title="Nothing has happened yet">
            {empty}
          </EmptyState>
        ) : (
          <>
            {children(items)}
            {entries.isFetchNextPageError && <ErrorNotice error={entries.error} onRetry={() => void entries.fetchNextPage()} />}
            {entries.hasNextPage && !entries.isFetchNextPageError && (
              <Center mt="md">
                <Button variant="default" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()} data-testid="audit-more">
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
