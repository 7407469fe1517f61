import { Box } from '@mantine/core';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '../api/session';
import { useKeepSession } from '../api/useKeepSession';
import { ErrorNotice } from '../components/ErrorNotice';
import { Splash } from './Splash';

/** Leads to the sign-in page, with the way back, whenever nobody is signed in. */
export function RequireSession() {
  const session = useSession();
  const location = useLocation();
  useKeepSession(session.data);

  if (session.data) {
    return <Outlet />;
  }
  if (session.data === null) {
    const here = location.pathname + location.search;
    return <Navigate to={here === '/' ? '/signin' : `/signin?return=${encodeURIComponent(here)}`} replace />;
  }
  if (session.isError) {
    return (
      <Box maw={520} mx="auto" mt="20vh" px="md">
        <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
      </Box>
    );
  }
  return <Splash />;
}
