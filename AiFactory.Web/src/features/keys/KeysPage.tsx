import { Button, Switch, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keysQuery, useRevokeKey } from '../../api/keys';
import { usePermission } from '../../api/session';
import type { ApiKey } from '../../api/types';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconKey, IconPlus } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import { useProject } from '../../components/useProject';
import { CreateKeyModal } from './CreateKeyModal';
import styles from './keys.module.css';
import { keyState } from './keyState';

const columns = ['Name', 'Key', 'State', 'Roles', 'Created', 'Expires', ''];

export function KeysPage() {
  const project = useProject();
  const keys = useQuery(keysQuery(project));
  const mayWrite = usePermission('keys.write');
  const [creating, setCreating] = useState(false);
  const [all, setAll] = useState(false);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="create-key">
      Create key
    </Button>
  );
  const ended = keys.data?.items.filter((key) => keyState(key, Date.now()) !== 'active').length ?? 0;
  return (
    <>
      <PageHeader
        title="API keys"
        description="What programs sign in with. Only a hash is stored, so a key is shown once."
        actions={
          <>
            {ended > 0 && (
              <Switch size="xs" label={`Show ended (${ended})`} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
            )}
            {keys.data && keys.data.items.length > 0 && create}
          </>
        }
      />
      <QueryView query={keys} skeleton={<TableSkeleton rows={3} />}>
        {({ items }) => {
          const shown = items.filter((key) => all || keyState(key, Date.now()) === 'active');
          return shown.length === 0 ? (
            <EmptyState icon={IconKey} title={items.length === 0 ? 'No API key yet' : 'No key is active'} action={items.length === 0 && create}>
              Give each program a key of its own: it can then be revoked without touching the others.
            </EmptyState>
          ) : (
            <DataTable label="API keys" columns={columns} minWidth={820}>
              {shown.map((key) => (
                <KeyRow key={key.id} apiKey={key} mayWrite={mayWrite} />
              ))}
            </DataTable>
          );
        }}
      </QueryView>
      {creating && <CreateKeyModal project={project} onClose={() => setCreating(false)} />}
    </>
  );
}

function KeyRow({ apiKey: key, mayWrite }: { apiKey: ApiKey; mayWrite: boolean }) {
  const revoke = useRevokeKey(key.project);
  const [asking, setAsking] = useState(false);
  const state = keyState(key, Date.now());
  return (
    <Table.Tr data-testid={`key-${key.name}`} className={state === 'active' ? undefined : styles.ended}>
      <Table.Td className={styles.name}>{key.name}</Table.Td>
      <Table.Td>
        <code className={styles.prefix}>{key.prefix}...</code>
      </Table.Td>
      <Table.Td>
        <StateBadge state={state} />
      </Table.Td>
      <Table.Td>
        {key.roles.join(', ')}
        {key.factoryWide && <div className={styles.wide}>in every project</div>}
      </Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={key.createdAt} />
        <div className={styles.wide}>by {key.createdBy}</div>
      </Table.Td>
      <Table.Td className={styles.nowrap}>{key.expiresAt ? <Ago at={key.expiresAt} /> : 'never'}</Table.Td>
      <Table.Td align="right">
        {mayWrite && state !== 'revoked' && (
          <Button variant="default" size="compact-xs" onClick={() => setAsking(true)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>
        )}
        <ConfirmModal
          opened={asking}
          onClose={() => setAsking(false)}
          title={`Revoke ${key.name}?`}
          action="Revoke key"
          mutation={revoke}
          variables={key.id}
        >
          Programs that use it are refused within seconds. It cannot be given back.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}
