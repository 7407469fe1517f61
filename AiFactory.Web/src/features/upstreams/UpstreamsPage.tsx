import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePermission } from '../../api/session';
import { upstreamsQuery, useDeleteUpstream, type Upstream } from '../../api/upstreams';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconPlus, IconWorld } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { useProject } from '../../components/useProject';
import { UpstreamModal } from './UpstreamModal';
import { UpstreamRow } from './UpstreamRow';

const columns = ['Upstream', 'State', 'Address', 'Models', 'Credential', ''];

export function UpstreamsPage() {
  const project = useProject();
  const upstreams = useQuery(upstreamsQuery(project));
  const mayWrite = usePermission('upstreams.write');
  const remove = useDeleteUpstream(project);
  // Undefined: no dialog; null: a new one.
  const [editing, setEditing] = useState<Upstream | null | undefined>(undefined);
  const [deleting, setDeleting] = useState<string | null>(null);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing(null)} data-testid="new-upstream">
      New upstream
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Upstreams"
        description="Services out of the factory whose models are called as its own: with the same keys, limits, rules and records. What is sent to them leaves the site."
        actions={upstreams.data && upstreams.data.length > 0 && create}
      />
      <QueryView query={upstreams} skeleton={<TableSkeleton rows={2} />}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={IconWorld} title="No upstream" action={create}>
              All models of this project are the factory's own. An admin may offer those of another service beside them.
            </EmptyState>
          ) : (
            <DataTable label="Upstreams" columns={columns} minWidth={960}>
              {items.map((upstream) => (
                <UpstreamRow key={upstream.id} upstream={upstream} mayWrite={mayWrite} onEdit={() => setEditing(upstream)} onDelete={() => setDeleting(upstream.name)} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {editing !== undefined && <UpstreamModal project={project} upstream={editing} onClose={() => setEditing(undefined)} />}
      <ConfirmModal opened={deleting !== null} onClose={() => setDeleting(null)} title={`Delete ${deleting ?? ''}?`} action="Delete upstream" mutation={remove} variables={deleting ?? ''}>
        Clients that call its models are refused from then on (404, or 403 where another project has a model of that name), and its credential is gone.
      </ConfirmModal>
    </>
  );
}
