import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePermission } from '../../api/session';
import { sourcesQuery } from '../../api/sources';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconFolderDown, IconPlus } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { useProject } from '../../components/useProject';
import { SourceModal } from './SourceModal';
import { SourceRow } from './SourceRow';

const columns = ['Source', 'Location', 'Rules', 'Last sync', ''];

export function SourcesPage() {
  const project = useProject();
  const sources = useQuery(sourcesQuery(project));
  const mayWrite = usePermission('models.write');
  const [adding, setAdding] = useState(false);
  const add = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)} data-testid="add-source">
      Add source
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Sources"
        description="Where models come from, and which of them may enter."
        actions={sources.data && sources.data.items.length > 0 && add}
      />
      <QueryView query={sources} skeleton={<TableSkeleton rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconFolderDown} title="No source yet" action={add}>
              A source is a directory of model files on the library's machine. A sync copies what its rules let in, and scans each file.
            </EmptyState>
          ) : (
            <DataTable label="Sources" columns={columns} minWidth={860}>
              {items.map((source) => (
                <SourceRow key={source.id} source={source} mayWrite={mayWrite} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {adding && <SourceModal project={project} source={null} onClose={() => setAdding(false)} />}
    </>
  );
}
