import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keysQuery } from '../../api/keys';
import { usePermission } from '../../api/session';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconKey, IconPlus } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { useProject } from '../../components/useProject';
import { CreateKeyModal } from './CreateKeyModal';
import { KeyRow } from './KeyRow';
import { keyState } from './keyState';

const columns = ['Name', 'Key', 'State', 'Roles', 'May call', 'Created', 'Expires', ''];

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
            <DataTable label="API keys" columns={columns} minWidth={980}>
              {shown.map((key) => (
                <KeyRow key={key.id} apiKey={key} keys={items} mayWrite={mayWrite} />
              ))}
            </DataTable>
          );
        }}
      </QueryView>
      {creating && <CreateKeyModal project={project} onClose={() => setCreating(false)} />}
    </>
  );
}
