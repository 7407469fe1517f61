import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '../components/EmptyState';
import { IconFileSearch } from '../components/icons';
import { PageHeader } from '../components/PageHeader';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Not found" />
      <EmptyState
        icon={IconFileSearch}
        title="There is no page at this address"
        action={
          <Button variant="default" component={Link} to="/">
            Go to the overview
          </Button>
        }
      />
    </>
  );
}
