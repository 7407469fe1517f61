import { Button, SegmentedControl, Table, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { modelsQuery } from '../../api/models';
import type { Model, ModelVersionState } from '../../api/types';
import { Ago } from '../../components/Ago';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { formatBytes, formatCount, formatNumber } from '../../components/format';
import { IconBox, IconSearch } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import { modelHref } from './modelHref';
import styles from './models.module.css';

const columns = ['Model', 'State', 'Task', 'Parameters', 'Size', 'Quantisation', 'Context', 'Arrived'];

const filters = [
  { value: 'all', label: 'All' },
  { value: 'approved', label: 'Approved' },
  { value: 'pending-approval', label: 'Waiting' },
  { value: 'refused', label: 'Refused' },
];

const refused: ReadonlySet<ModelVersionState> = new Set(['quarantined', 'rejected', 'failed', 'revoked']);

function matches(model: Model, filter: string, search: string): boolean {
  const state = model.versions[0]?.state;
  const shown = filter === 'all' || (filter === 'refused' ? state !== undefined && refused.has(state) : state === filter);
  return shown && model.name.toLowerCase().includes(search.trim().toLowerCase());
}

export function ModelsPage() {
  const project = useProject();
  const models = useQuery(modelsQuery(project));
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState('all');

  return (
    <>
      <PageHeader title="Models" description="What came in from the sources, and how far it got through the gate." />
      <QueryView query={models} skeleton={<TableSkeleton />}>
        {(data) => {
          if (data.length === 0) {
            return (
              <EmptyState
                icon={IconBox}
                title="No models yet"
                action={
                  <Button component={Link} to={projectHref(project, 'sources')}>
                    Add a source
                  </Button>
                }
              >
                A source brings models in: each one is copied, scanned and decided on before anyone can use it.
              </EmptyState>
            );
          }
          const shown = data.filter((model) => matches(model, filter, search));
          return (
            <>
              <div className={styles.toolbar}>
                <TextInput
                  aria-label="Search models"
                  placeholder="Search"
                  size="xs"
                  w={220}
                  leftSection={<IconSearch size={14} />}
                  value={search}
                  onChange={(event) => setSearch(event.currentTarget.value)}
                />
                <SegmentedControl size="xs" data={filters} value={filter} onChange={setFilter} aria-label="State" />
              </div>
              {shown.length === 0 ? (
                <EmptyState icon={IconSearch} title="No model matches" />
              ) : (
                <DataTable label="Models" columns={columns} minWidth={860}>
                  {shown.map((model) => (
                    <ModelRow key={model.name} model={model} />
                  ))}
                </DataTable>
              )}
            </>
          );
        }}
      </QueryView>
    </>
  );
}

function ModelRow({ model }: { model: Model }) {
  const newest = model.versions[0];
  const metadata = newest?.metadata;
  return (
    <Table.Tr data-testid={`model-${model.name}`}>
      <Table.Td>
        <Link to={modelHref(model.project, model.name)} className={styles.name}>
          {model.name}
        </Link>
        {newest && (
          <span className={styles.version}>
            v{newest.version} · {newest.tag}
          </span>
        )}
      </Table.Td>
      <Table.Td>{newest && <StateBadge state={newest.state} />}</Table.Td>
      <Table.Td>{metadata?.task ?? '-'}</Table.Td>
      <Table.Td>{metadata ? formatCount(metadata.parameters) : '-'}</Table.Td>
      <Table.Td className={styles.nowrap}>{newest ? formatBytes(newest.sizeBytes) : '-'}</Table.Td>
      <Table.Td>{metadata?.quantization ?? '-'}</Table.Td>
      <Table.Td>{metadata ? formatNumber(metadata.contextLength) : '-'}</Table.Td>
      <Table.Td className={styles.quiet}>{newest && <Ago at={newest.createdAt} />}</Table.Td>
    </Table.Tr>
  );
}
