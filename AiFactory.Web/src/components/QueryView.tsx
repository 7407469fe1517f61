import { Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorNotice } from './ErrorNotice';

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** Stands above the skeleton and above the error: the way back from what is not there. */
  header?: ReactNode;
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

/** Skeleton, error, or the data. Old data stays under a notice when asking again fails. */
export function QueryView<T>({ query, header, skeleton, children }: QueryViewProps<T>) {
  if (query.data !== undefined) {
    if (!query.isError) {
      return children(query.data);
    }
    return (
      <Stack gap="md">
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
        {children(query.data)}
      </Stack>
    );
  }
  if (query.isError) {
    return (
      <>
        {header}
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  }
  return (
    <>
      {header}
      <div role="status" aria-label="Loading" data-testid="loading">
        {skeleton}
      </div>
    </>
  );
}
