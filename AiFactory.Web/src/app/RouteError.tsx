import { Box, Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import { Notice } from '../components/Notice';

/** A page that threw, or whose file could not be loaded (after an upgrade, an open tab asks for files that are gone). */
export function RouteError() {
  const error = useRouteError();
  return (
    <Box maw={560} mx="auto" mt={80} px="md">
      <Notice
        tone="bad"
        title="This page could not be shown"
        testId="page-error"
        actions={
          <Button variant="default" size="compact-xs" onClick={() => window.location.reload()}>
            Reload
          </Button>
        }
      >
        {error instanceof Error ? error.message : 'An unknown error.'}
      </Notice>
    </Box>
  );
}
