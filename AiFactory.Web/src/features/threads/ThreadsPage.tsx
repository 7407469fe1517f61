import { ActionIcon, Button, Group, Table, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { threadsQuery, useDeleteThread } from '../../api/builder/threads';
import type { Thread } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconMessageCircle, IconPlus, IconTrash } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { NewThreadModal } from './NewThreadModal';
import { Target } from './Target';
import styles from './threads.module.css';

const columns = ['Thread', 'Talks to', 'Last used', ''];

export function ThreadsPage() {
  const project = useProject();
  const threads = useQuery(threadsQuery(project));
  const mayWrite = usePermission('threads.write');
  const [creating, setCreating] = useState(false);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="new-thread">
      New thread
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Threads"
        description="Conversations with a flow, an agent or a model, kept with what was looked up for each answer."
        actions={threads.data && threads.data.length > 0 && create}
      />
      <QueryView query={threads} skeleton={<TableSkeleton rows={3} />}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState icon={IconMessageCircle} title="No thread yet" action={create}>
              A thread remembers what was said before, and shows the passages behind each answer.
            </EmptyState>
          ) : (
            <DataTable label="Threads" columns={columns} minWidth={640}>
              {data.map((thread) => (
                <ThreadRow key={thread.id} project={project} thread={thread} mayWrite={mayWrite} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {creating && <NewThreadModal project={project} onClose={() => setCreating(false)} />}
    </>
  );
}

function ThreadRow({ project, thread, mayWrite }: { project: string; thread: Thread; mayWrite: boolean }) {
  const remove = useDeleteThread(project);
  const [deleting, setDeleting] = useState(false);
  const title = thread.title || 'Untitled';
  return (
    <Table.Tr data-testid={`thread-${thread.id}`}>
      <Table.Td className={styles.thread}>
        <Link to={projectHref(project, `threads/${thread.id}`)} className={styles.name}>
          {title}
        </Link>
      </Table.Td>
      <Table.Td>
        <Target target={thread.target} />
      </Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={thread.updatedAt ?? thread.createdAt} />
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${title}`} onClick={() => setDeleting(true)}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
        <ConfirmModal opened={deleting} onClose={() => setDeleting(false)} title={`Delete ${title}?`} action="Delete thread" mutation={remove} variables={thread.id}>
          Its messages go with it.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}
