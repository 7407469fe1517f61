import { Box, Button } from '@mantine/core';
import { Navigate, useLocation } from 'react-router';
import { useProjects } from '../api/projects';
import { useSession, useSignOut } from '../api/session';
import { ErrorNotice } from '../components/ErrorNotice';
import { Notice } from '../components/Notice';
import { lastProject } from './lastProject';
import { Splash } from './Splash';

/** `/models` -> `/p/<project>/models`. */
export function ToProject() {
  const { pathname, search } = useLocation();
  const session = useSession();
  const projects = useProjects();
  const signOut = useSignOut();

  if (projects.data) {
    const names = projects.data.items.map((project) => project.name);
    const project = [lastProject.read(), session.data?.project].find((name) => name && names.includes(name)) ?? names[0];
    if (project) {
      return <Navigate to={`/p/${encodeURIComponent(project)}${pathname === '/' ? '' : pathname}${search}`} replace />;
    }
    return (
      <Box maw={560} mx="auto" mt="20vh" px="md">
        <Notice
          tone="info"
          title="There is no project that you may see"
          actions={
            <Button variant="default" size="compact-xs" onClick={() => signOut.mutate()}>
              Sign out
            </Button>
          }
        >
          Ask an administrator of the factory to create one, or sign in with another key.
        </Notice>
      </Box>
    );
  }
  if (projects.isError) {
    return (
      <Box maw={520} mx="auto" mt="20vh" px="md">
        <ErrorNotice error={projects.error} onRetry={() => void projects.refetch()} />
      </Box>
    );
  }
  return <Splash />;
}
