import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { deploymentsQuery } from '../../api/deployments';
import type { Deployment } from '../../api/types';
import { EmptyState } from '../../components/EmptyState';
import { IconMessages, IconVector } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { Chat } from './Chat';
import { Embed } from './Embed';

const tabs = [
  { value: 'chat', label: 'Chat' },
  { value: 'embedding', label: 'Embeddings' },
];

export function PlaygroundPage() {
  const project = useProject();
  const deployments = useQuery(deploymentsQuery(project));
  const [parameters, setParameters] = useSearchParams();
  const named = deployments.data?.find(({ name }) => name === parameters.get('deployment'));
  const task = parameters.get('task') ?? named?.task ?? 'chat';
  const choose = (deployment: string) => setParameters({ task, deployment }, { replace: true });

  return (
    <>
      <PageHeader
        title="Playground"
        description="Ask a deployment as a client would, through the gateway."
        actions={
          <SegmentedControl
            size="xs"
            data={tabs}
            value={task}
            onChange={(value) => setParameters({ task: value }, { replace: true })}
            aria-label="Kind of model"
          />
        }
      />
      <QueryView query={deployments} skeleton={<Skeleton height={360} radius={10} />}>
        {(data) => {
          const ready = data.filter((deployment) => deployment.task === task && deployment.readyReplicas > 0);
          const chosen = ready.find(({ name }) => name === named?.name) ?? ready[0];
          if (!chosen) {
            return <NothingReady project={project} task={task} waiting={data.filter((each) => each.task === task)} />;
          }
          const shared = { project, ready, deployment: chosen, onChoose: choose };
          return task === 'embedding' ? <Embed {...shared} /> : <Chat {...shared} />;
        }}
      </QueryView>
    </>
  );
}

function NothingReady({ project, task, waiting }: { project: string; task: string; waiting: Deployment[] }) {
  return (
    <EmptyState
      icon={task === 'embedding' ? IconVector : IconMessages}
      title={task === 'embedding' ? 'No embedding model is ready' : 'No chat model is ready'}
      action={
        <Button variant="default" component={Link} to={projectHref(project, 'deployments')}>
          See the deployments
        </Button>
      }
    >
      {waiting.length > 0
        ? `On the way: ${waiting.map(({ name, phase }) => `${name} (${phase})`).join(', ')}. This page follows by itself.`
        : 'Deploy an approved model and it can be tried here.'}
    </EmptyState>
  );
}
