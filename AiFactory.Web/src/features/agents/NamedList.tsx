import { ActionIcon, Button, Group, Table, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import { useQuery, type UseQueryOptions } from '@tanstack/react-query';
import { useState, type ComponentType, type ReactNode } from 'react';
import { useDeleteNamed } from '../../api/builder/agents';
import { usePermission } from '../../api/session';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconPencil, IconPlus, IconTrash } from '../../components/icons';
import { QueryView } from '../../components/QueryView';
import styles from './agents.module.css';

export interface NamedModalProps<T> {
  project: string;
  /** Null to make a new one. */
  item: T | null;
  onClose: () => void;
}

interface NamedListProps<T, K extends readonly unknown[]> {
  project: string;
  kind: 'agents' | 'tools' | 'rulesets';
  query: UseQueryOptions<T[], Error, T[], K>;
  noun: string;
  icon: Icon;
  empty: string;
  columns: readonly string[];
  /** What stands between the name and the buttons. */
  cells: (item: T) => ReactNode[];
  modal: ComponentType<NamedModalProps<T>>;
}

/** The list of one kind, with its dialogs: agents, tools and rulesets differ only in what they show. */
export function NamedList<T extends { name: string; description?: string | null }, K extends readonly unknown[]>(props: NamedListProps<T, K>) {
  const { project, kind, noun, icon, empty, columns, cells, modal: Edit } = props;
  const list = useQuery(props.query);
  const mayWrite = usePermission('flows.write');
  const remove = useDeleteNamed(project, kind);
  // Undefined: no dialog; null: a new one.
  const [editing, setEditing] = useState<T | null | undefined>(undefined);
  const [deleting, setDeleting] = useState<string | null>(null);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing(null)} data-testid={`new-${noun}`}>
      New {noun}
    </Button>
  );
  return (
    <>
      <QueryView query={list} skeleton={<TableSkeleton rows={3} />}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={icon} title={`No ${noun} yet`} action={create}>
              {empty}
            </EmptyState>
          ) : (
            <>
              {create && <div className={styles.above}>{create}</div>}
              <DataTable label={`${noun}s`} columns={columns} minWidth={680}>
                {items.map((item) => (
                  <Table.Tr key={item.name} data-testid={`${noun}-${item.name}`}>
                    <Table.Td className={styles.item}>
                      <div className={styles.name}>{item.name}</div>
                      {item.description && <div className={styles.quiet}>{item.description}</div>}
                    </Table.Td>
                    {cells(item).map((cell, index) => (
                      <Table.Td key={index} className={styles.cell}>
                        {cell}
                      </Table.Td>
                    ))}
                    <Table.Td>
                      {mayWrite && (
                        <Group gap={2} wrap="nowrap" justify="flex-end">
                          <Tooltip label="Edit">
                            <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${item.name}`} onClick={() => setEditing(item)}>
                              <IconPencil size={15} />
                            </ActionIcon>
                          </Tooltip>
                          <Tooltip label="Delete">
                            <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${item.name}`} onClick={() => setDeleting(item.name)}>
                              <IconTrash size={15} />
                            </ActionIcon>
                          </Tooltip>
                        </Group>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </DataTable>
            </>
          )
        }
      </QueryView>
      {editing !== undefined && <Edit project={project} item={editing} onClose={() => setEditing(undefined)} />}
      <ConfirmModal
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting ?? ''}?`}
        action={`Delete ${noun}`}
        mutation={remove}
        variables={deleting ?? ''}
      >
        What uses it fails from then on.
      </ConfirmModal>
    </>
  );
}
