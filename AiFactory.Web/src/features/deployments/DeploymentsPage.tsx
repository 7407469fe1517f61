import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { deploymentsQuery } from '../../api/deployments';
import { usePermission } from '../../api/session';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconPlus, IconRocket } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { DeploymentRow } from './DeploymentRow';
import { DeployModal } from './DeployModal';
import { PurgeCache } from './PurgeCache';

const columns = ['Deployment', 'State', 'Ready', 'Task', 'Visibility', 'Endpoint', ''];

export function DeploymentsPage() {
  const project = useProject();
  const deployments = useQuery(deploymentsQuery(project));
  const mayWrite = usePermission('deployments.write');
  // The dialog is in the address, so that a model's page can lead here: ?deploy=<model>&version=<number>.
  const [parameters, setParameters] = useSearchParams();
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setParameters({ deploy: '' })} data-testid="new-deployment">
      New deployment
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Deployments"
        description="Models that clients can call, as they should be and as they are."
        actions={
          deployments.data &&
          deployments.data.length > 0 &&
          mayWrite && (
            <>
              <PurgeCache project={project} />
              {create}
            </>
          )
        }
      />
      <QueryView query={deployments} skeleton={<TableSkeleton rows={3} />}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState
              icon={IconRocket}
              title="Nothing is deployed"
              action={
                create || (
                  <Button variant="default" component={Link} to={projectHref(project, 'models')}>
                    See the models
                  </Button>
                )
              }
            >
              Deploy an approved model: workers load it, and clients reach it by its name on the gateway.
            </EmptyState>
          ) : (
            <DataTable label="Deployments" columns={columns} minWidth={900}>
              {data.map((deployment) => (
                <DeploymentRow key={deployment.id} deployment={deployment} mayWrite={mayWrite} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {parameters.has('deploy') && mayWrite && (
        <DeployModal
          project={project}
          model={parameters.get('deploy') ?? ''}
          version={Number(parameters.get('version')) || null}
          onClose={() => setParameters({}, { replace: true })}
        />
      )}
    </>
  );
}
