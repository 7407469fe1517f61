import { ActionIcon, Button, Group, Table, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { ApiError } from '../../api/problem';
import { useDeleteSource, useSyncSource } from '../../api/sources';
import type { Source } from '../../api/types';
import { Address } from '../../components/Address';
import { ConfirmModal } from '../../components/ConfirmModal';
import { IconPencil, IconRefresh, IconTrash } from '../../components/icons';
import { LastSync } from './LastSync';
import { SourceModal } from './SourceModal';
import styles from './sources.module.css';

export function SourceRow({ source, mayWrite }: { source: Source; mayWrite: boolean }) {
  const sync = useSyncSource(source.project);
  const remove = useDeleteSource(source.project);
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const close = () => setDialog(null);
  const busy = source.lastSync?.state === 'queued' || source.lastSync?.state === 'running';
  const start = () =>
    sync.mutate(source.id, {
      onError: (error) =>
        notifications.show({
          color: 'red',
          title: `${source.name} could not be synced`,
          message: error instanceof ApiError ? (error.detail ?? error.title) : error.message,
        }),
    });
  return (
    <Table.Tr data-testid={`source-${source.name}`}>
      <Table.Td>
        <div className={styles.name}>{source.name}</div>
        <div className={styles.quiet}>
          {source.kind}
          {!source.enabled && ', switched off'}
        </div>
      </Table.Td>
      <Table.Td className={styles.location}>
        <Address value={source.location} label="location" />
      </Table.Td>
      <Table.Td>
        <Rule name="names" value={source.namePattern} />
        <Rule name="tags" value={source.tagFilter} />
      </Table.Td>
      <Table.Td className={styles.sync}>
        <LastSync sync={source.lastSync} />
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Button
              variant="default"
              size="compact-xs"
              mr={4}
              leftSection={<IconRefresh size={13} />}
              loading={sync.isPending}
              disabled={busy || !source.enabled}
              onClick={start}
              data-testid="sync"
            >
              Sync now
            </Button>
            <Tooltip label="Edit">
              <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${source.name}`} onClick={() => setDialog('edit')}>
                <IconPencil size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${source.name}`} onClick={() => setDialog('delete')}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
        {dialog === 'edit' && <SourceModal project={source.project} source={source} onClose={close} />}
        <ConfirmModal
          opened={dialog === 'delete'}
          onClose={close}
          title={`Delete ${source.name}?`}
          action="Delete source"
          mutation={remove}
          variables={source.id}
        >
          Nothing new comes in from it. The models that it brought stay.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}

function Rule({ name, value }: { name: string; value: string | null }) {
  return (
    <div className={styles.rule}>
      <span className={styles.quiet}>{name}</span> {value ? <code>{value}</code> : 'all'}
    </div>
  );
}
