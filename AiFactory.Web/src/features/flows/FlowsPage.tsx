import { ActionIcon, Button, Group, Table, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { flowsQuery, useDeleteFlow } from '../../api/builder/flows';
import type { Flow } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconPlus, IconRoute2, IconTrash } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import styles from './flows.module.css';
import { NewFlowModal } from './NewFlowModal';

const columns = ['Flow', 'Model name', 'Revision', 'Changed', ''];

export function FlowsPage() {
  const project = useProject();
  const flows = useQuery(flowsQuery(project));
  const mayWrite = usePermission('flows.write');
  const [creating, setCreating] = useState(false);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="new-flow">
      New flow
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Flows"
        description="Steps that make an answer: retrieval, models, tools. A published flow is called as a model."
        actions={flows.data && flows.data.length > 0 && create}
      />
      <QueryView query={flows} skeleton={<TableSkeleton rows={3} />}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState icon={IconRoute2} title="No flow yet" action={create}>
              Begin with a template: a chat over documents is ready to run as soon as it is created.
            </EmptyState>
          ) : (
            <DataTable label="Flows" columns={columns} minWidth={720}>
              {data.map((flow) => (
                <FlowRow key={flow.name} project={project} flow={flow} mayWrite={mayWrite} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {creating && <NewFlowModal project={project} taken={flows.data ?? []} onClose={() => setCreating(false)} />}
    </>
  );
}

function FlowRow({ project, flow, mayWrite }: { project: string; flow: Flow; mayWrite: boolean }) {
  const { name, description, publishedAlias } = flow;
  const remove = useDeleteFlow(project);
  const [deleting, setDeleting] = useState(false);
  return (
    <Table.Tr data-testid={`flow-${name}`}>
      <Table.Td className={styles.flow}>
        <Link to={projectHref(project, `flows/${encodeURIComponent(name)}`)} className={styles.name}>
          {name}
        </Link>
        {description && <div className={styles.quiet}>{description}</div>}
      </Table.Td>
      <Table.Td>
        {publishedAlias ? <Address value={`flow/${publishedAlias}`} label={`model name of ${name}`} /> : <span className={styles.quiet}>not published</span>}
      </Table.Td>
      <Table.Td>{flow.revision}</Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={flow.updatedAt} />
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={() => setDeleting(true)}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
        <ConfirmModal opened={deleting} onClose={() => setDeleting(false)} title={`Delete ${name}?`} action="Delete flow" mutation={remove} variables={name}>
          All its revisions go{publishedAlias && `, and clients that call flow/${publishedAlias} get an error`}. Its runs stay.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}
