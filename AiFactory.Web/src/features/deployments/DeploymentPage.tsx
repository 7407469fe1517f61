import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { deploymentQuery, isCallable } from '../../api/deployments';
import { namePath } from '../../api/http';
import { usePermission } from '../../api/session';
import type { Deployment, DeploymentPhase } from '../../api/types';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { BackLink } from '../../components/BackLink';
import { CodeBlock } from '../../components/CodeBlock';
import { firstCall } from '../../components/curl';
import { Definitions } from '../../components/Definitions';
import { formatNumber, shortDigest } from '../../components/format';
import { IconMessages, IconPencil, IconTrash } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import { DeleteDeployment } from './DeleteDeployment';
import styles from './deployments.module.css';
import { EditModal } from './EditModal';
import { PolicyPanel } from './PolicyPanel';
import { ReplicaList } from './ReplicaList';
import { RolloutPanel } from './RolloutPanel';
import { TrafficPanel } from './TrafficPanel';
import { VariantsPanel } from './VariantsPanel';

export function DeploymentPage() {
  const project = useProject();
  const { name = '' } = useParams();
  const deployment = useQuery(deploymentQuery(project, name));
  return (
    <QueryView
      query={deployment}
      header={<PageHeader title={name} above={<BackLink to={projectHref(project, 'deployments')}>Deployments</BackLink>} />}
      skeleton={<Skeleton height={280} radius={10} />}
    >
      {(data) => <DeploymentView deployment={data} />}
    </QueryView>
  );
}

function DeploymentView({ deployment }: { deployment: Deployment }) {
  const { name, project, phase, message } = deployment;
  const navigate = useNavigate();
  const mayWrite = usePermission('deployments.write');
  const mayInvoke = usePermission('inference.invoke');
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const list = projectHref(project, 'deployments');
  return (
    <>
      <PageHeader
        documentTitle={name}
        above={<BackLink to={list}>Deployments</BackLink>}
        title={
          <span className={styles.title}>
            {name}
            <StateBadge state={phase} testId="phase" />
          </span>
        }
        description={`${deployment.readyReplicas} of ${deployment.replicas} ${deployment.replicas === 1 ? 'replica' : 'replicas'} ready`}
        actions={
          <>
            {mayInvoke && isCallable(deployment) && (
              <Button
                variant="default"
                component={Link}
                to={`${projectHref(project, 'playground')}?deployment=${encodeURIComponent(name)}`}
                leftSection={<IconMessages size={14} />}
              >
                Try it
              </Button>
            )}
            {mayWrite && (
              <>
                <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => setDialog('edit')} data-testid="edit-deployment">
                  Edit
                </Button>
                <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setDialog('delete')} data-testid="delete-deployment">
                  Delete
                </Button>
              </>
            )}
          </>
        }
      />
      <div className={styles.grid}>
        <div className={styles.column}>
          {message && phase !== 'ready' && (
            <Notice tone={tones[phase] ?? 'info'} title={titles[phase] ?? phase} testId="message">
              {message}
            </Notice>
          )}
          <Panel title="Replicas" flush testId="replicas">
            <ReplicaList replicas={deployment.observed} />
          </Panel>
          <TrafficPanel deployment={deployment} />
          <RolloutPanel deployment={deployment} />
          <PolicyPanel deployment={deployment} />
          {deployment.traffic && <VariantsPanel deployment={deployment} />}
          <Panel title="Call it">
            <Address value={window.location.origin + deployment.endpoint} label="external endpoint" />
            <div className={styles.caption}>
              With an API key of this project in <code>AIFACTORY_KEY</code>:
            </div>
            <CodeBlock code={firstCall(deployment)} label="curl command" testId="curl" />
          </Panel>
        </div>
        <Panel title="Desired state">
          <Definitions
            items={[
              [
                'Model',
                <Link to={`${projectHref(project, `models/${namePath(deployment.model)}`)}?version=${deployment.modelVersion}`}>
                  {deployment.model} v{deployment.modelVersion}
                </Link>,
              ],
              ['Digest', <Address value={deployment.digest} shown={shortDigest(deployment.digest)} label="digest" />],
              ['Task', deployment.task],
              ['Visibility', deployment.visibility === 'factory' ? 'every project' : 'this project'],
              ['Replicas', deployment.replicas],
              ['Context', deployment.contextLength ? `${formatNumber(deployment.contextLength)} tokens` : "the model's own"],
              ['Slots', deployment.slots ?? "the worker's default"],
              ['Weights', deployment.quantization ? `packed as ${deployment.quantization}` : 'as they came'],
              ['Created', <Ago at={deployment.createdAt} />],
              ['Created by', deployment.createdBy],
              ['Changed', <Ago at={deployment.updatedAt} />],
            ]}
          />
        </Panel>
      </div>
      {dialog === 'edit' && <EditModal deployment={deployment} onClose={() => setDialog(null)} />}
      <DeleteDeployment deployment={deployment} opened={dialog === 'delete'} onClose={() => setDialog(null)} onDone={() => void navigate(list)} />
    </>
  );
}

const tones: Partial<Record<DeploymentPhase, 'bad' | 'warn'>> = { failed: 'bad', revoked: 'bad', degraded: 'warn', pending: 'warn' };

const titles: Partial<Record<DeploymentPhase, string>> = {
  pending: 'Waiting for a worker',
  progressing: 'Getting ready',
  degraded: 'Fewer replicas than asked for',
  failed: 'Failed',
  stopped: 'Stopped',
  revoked: 'Its model may not be used any more',
};
