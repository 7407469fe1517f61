import { Button, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { knowledgeBasesQuery } from '../../api/builder/knowledge';
import { usePermission } from '../../api/session';
import { Ago } from '../../components/Ago';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { formatBytes, formatNumber } from '../../components/format';
import { IconBooks, IconPlus } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { CreateBaseModal } from './CreateBaseModal';
import styles from './knowledge.module.css';

const columns = ['Knowledge base', 'Documents', 'Passages', 'Size', 'Embedding model', 'Created'];

export function KnowledgePage() {
  const project = useProject();
  const bases = useQuery(knowledgeBasesQuery(project));
  const mayWrite = usePermission('knowledge.write');
  const [creating, setCreating] = useState(false);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)} data-testid="new-base">
      New knowledge base
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Knowledge"
        description="Documents that flows and agents answer from, with the passage they answered by."
        actions={bases.data && bases.data.length > 0 && create}
      />
      <QueryView query={bases} skeleton={<TableSkeleton rows={3} />}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState icon={IconBooks} title="No knowledge base yet" action={create}>
              Upload text, Markdown, HTML or PDF. Each document is cut into passages, and each passage gets its vector from an embedding model of this
              factory.
            </EmptyState>
          ) : (
            <DataTable label="Knowledge bases" columns={columns} minWidth={820}>
              {data.map((base) => (
                <Table.Tr key={base.name} data-testid={`base-${base.name}`}>
                  <Table.Td>
                    <Link to={projectHref(project, `knowledge/${encodeURIComponent(base.name)}`)} className={styles.name}>
                      {base.name}
                    </Link>
                    {base.description && <div className={styles.quiet}>{base.description}</div>}
                  </Table.Td>
                  <Table.Td>{formatNumber(base.documents)}</Table.Td>
                  <Table.Td>{formatNumber(base.chunks)}</Table.Td>
                  <Table.Td className={styles.nowrap}>{formatBytes(base.bytes)}</Table.Td>
                  <Table.Td>{base.embeddingModel}</Table.Td>
                  <Table.Td className={styles.nowrap}>
                    <Ago at={base.createdAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </DataTable>
          )
        }
      </QueryView>
      {creating && <CreateBaseModal project={project} onClose={() => setCreating(false)} />}
    </>
  );
}
