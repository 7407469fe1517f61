import { ActionIcon, Group, Table, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Deployment } from '../../api/types';
import { Address } from '../../components/Address';
import { IconPencil, IconTrash } from '../../components/icons';
import { StateBadge } from '../../components/StateBadge';
import { DeleteDeployment } from './DeleteDeployment';
import { deploymentHref } from './deploymentHref';
import styles from './deployments.module.css';
import { EditModal } from './EditModal';
import { ReadyCount } from './ReadyCount';

export function DeploymentRow({ deployment, mayWrite }: { deployment: Deployment; mayWrite: boolean }) {
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const { name } = deployment;
  return (
    <Table.Tr data-testid={`deployment-${name}`}>
      <Table.Td>
        <Link to={deploymentHref(deployment)} className={styles.name}>
          {name}
        </Link>
        <div className={styles.model}>
          {deployment.model} v{deployment.modelVersion}
        </div>
      </Table.Td>
      <Table.Td className={styles.state}>
        <StateBadge state={deployment.phase} testId="phase" />
        {deployment.message && deployment.phase !== 'ready' && <div className={styles.message}>{deployment.message}</div>}
      </Table.Td>
      <Table.Td>
        <ReadyCount deployment={deployment} />
      </Table.Td>
      <Table.Td>{deployment.task}</Table.Td>
      <Table.Td>{deployment.visibility}</Table.Td>
      <Table.Td>
        <Address value={window.location.origin + deployment.endpoint} shown={deployment.endpoint} label={`endpoint of ${name}`} />
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Tooltip label="Edit">
              <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${name}`} onClick={() => setDialog('edit')}>
                <IconPencil size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={() => setDialog('delete')}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
        {dialog === 'edit' && <EditModal deployment={deployment} onClose={() => setDialog(null)} />}
        <DeleteDeployment deployment={deployment} opened={dialog === 'delete'} onClose={() => setDialog(null)} />
      </Table.Td>
    </Table.Tr>
  );
}
