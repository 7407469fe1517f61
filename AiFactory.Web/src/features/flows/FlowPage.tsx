import { Box, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { flowQuery, stepTypesQuery } from '../../api/builder/flows';
import { BackLink } from '../../components/BackLink';
import { ErrorNotice } from '../../components/ErrorNotice';
import { projectHref, useProject } from '../../components/useProject';
import { Editor } from './Editor';

export function FlowPage() {
  const project = useProject();
  const { name = '' } = useParams();
  const flow = useQuery(flowQuery(project, name));
  const types = useQuery(stepTypesQuery);
  // Each time the newest revision is taken in place of what is on the canvas, the editor begins anew.
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    document.title = `${name} - AiFactory`;
  }, [name]);

  const failed = [flow, types].find((query) => query.isError && query.data === undefined);
  if (flow.data && types.data) {
    return (
      <Editor
        key={`${project}/${name}/${loads}`}
        project={project}
        flow={flow.data}
        types={types.data}
        onReload={() => void flow.refetch().then(() => setLoads((count) => count + 1))}
      />
    );
  }
  return (
    <Box p="lg" maw={720}>
      <BackLink to={projectHref(project, 'flows')}>Flows</BackLink>
      {failed ? <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} /> : <Skeleton height={420} radius={10} role="status" aria-label="Loading" />}
    </Box>
  );
}
