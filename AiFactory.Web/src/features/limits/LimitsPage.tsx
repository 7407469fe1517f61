import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keysQuery } from '../../api/keys';
import { limitsQuery, limitStatesQuery, useDeleteLimit, type Limit } from '../../api/limits';
import { usePermission, useSession } from '../../api/session';
import { ConfirmModal } from '../../components/ConfirmModal';
import { TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconGauge, IconPlus } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { useProject } from '../../components/useProject';
import { LimitItem } from './LimitItem';
import { LimitModal } from './LimitModal';
import { rowsOf } from './limitText';
import styles from './limits.module.css';

const levels = [
  { value: 'project', label: 'This project' },
  { value: 'factory', label: 'Whole factory' },
];

export function LimitsPage() {
  const { data: session } = useSession();
  const [level, setLevel] = useState('project');
  const here = useProject();
  const project = level === 'factory' ? null : here;
  return (
    <>
      <PageHeader
        title="Limits"
        description="What keys, users and projects may use. It is reserved before a model is asked and settled with what was used."
        actions={session?.factoryWide && <SegmentedControl size="xs" aria-label="Level" data={levels} value={level} onChange={setLevel} />}
      />
      <Limits key={level} project={project} here={here} factoryWide={session?.factoryWide ?? false} />
    </>
  );
}

function Limits({ project, here, factoryWide }: { project: string | null; here: string; factoryWide: boolean }) {
  const limits = useQuery(limitsQuery(project));
  const states = useQuery(limitStatesQuery(project));
  const mayWrite = usePermission('limits.write');
  const mayReadKeys = usePermission('keys.read');
  const keys = useQuery({ ...keysQuery(here), enabled: mayReadKeys });
  const remove = useDeleteLimit(project);
  // Undefined: no dialog; null: a new one.
  const [editing, setEditing] = useState<Limit | null | undefined>(undefined);
  const [deleting, setDeleting] = useState<string | null>(null);

  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing(null)} data-testid="new-limit">
      New limit
    </Button>
  );
  const rows = rowsOf(limits.data?.items ?? [], states.data?.items ?? []);
  const ownerName = (owner: string) => keys.data?.items.find(({ id }) => id === owner)?.name ?? owner;
  const settled = limits.isSuccess || limits.isError;
  return (
    <>
      {limits.isError && <ErrorNotice error={limits.error} onRetry={() => void limits.refetch()} />}
      {states.isError && <ErrorNotice error={states.error} onRetry={() => void states.refetch()} testId="states-error" />}
      {!settled && (
        <div role="status" aria-label="Loading">
          <TableSkeleton rows={3} />
        </div>
      )}
      {limits.isSuccess && rows.length === 0 && (
        <EmptyState icon={IconGauge} title={project === null ? 'The factory has no limit' : 'The project has no limit'} action={create}>
          Without one, whoever may call a model may call it as often as it answers.
        </EmptyState>
      )}
      {settled && rows.length > 0 && (
        <>
          <div className={styles.toolbar}>
            <span className={styles.quiet}>
              {states.data && (states.data.gateways > 1 ? `${states.data.gateways} gateways share them: each holds a part for the next requests.` : 'Held is what the gateway keeps for requests under way and the next ones.')}
            </span>
            {create}
          </div>
          <ul className={styles.list} aria-label="Limits">
            {rows.map((row) => {
              const { limit } = row;
              return (
                <LimitItem
                  key={limit.id}
                  row={row}
                  currency={states.data?.currency ?? 'of money'}
                  mayWrite={mayWrite && (factoryWide || limit.scope !== 'project')}
                  ownerName={ownerName}
                  onEdit={() => setEditing(limits.data?.items.find(({ id }) => id === limit.id))}
                  onDelete={() => setDeleting(limit.name)}
                />
              );
            })}
          </ul>
        </>
      )}
      {editing !== undefined && <LimitModal project={project} limit={editing} factoryWide={factoryWide} onClose={() => setEditing(undefined)} />}
      <ConfirmModal opened={deleting !== null} onClose={() => setDeleting(null)} title={`Delete ${deleting ?? ''}?`} action="Delete limit" mutation={remove} variables={deleting ?? ''}>
        What it held back may be used from then on, and what was counted by it is forgotten.
      </ConfirmModal>
    </>
  );
}
