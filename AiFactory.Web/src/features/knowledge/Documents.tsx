import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { documentsQuery } from '../../api/builder/knowledge';
import type { KnowledgeDocument } from '../../api/builder/types';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconFileText } from '../../components/icons';
import { PassageDrawer, type OpenPassage } from '../../components/PassageDrawer';
import { QueryView } from '../../components/QueryView';
import { DocumentRow } from './DocumentRow';
import { UploadArea } from './UploadArea';
import type { useUploads } from './useUploads';

const columns = ['Document', 'State', 'Passages', 'Size', 'Added', ''];

interface DocumentsProps {
  project: string;
  base: string;
  uploads: ReturnType<typeof useUploads>;
  mayWrite: boolean;
}

export function Documents({ project, base, uploads: { uploads, add, retry, dismiss }, mayWrite }: DocumentsProps) {
  const documents = useQuery(documentsQuery(project, base));
  const [open, setOpen] = useState<OpenPassage | null>(null);
  const read = ({ id, name }: KnowledgeDocument) =>
    setOpen({ number: null, passage: { documentId: id, documentName: name, knowledgeBase: base, start: 0, end: 0, text: '' } });
  return (
    <Stack gap="md">
      {mayWrite && <UploadArea uploads={uploads} onFiles={add} onRetry={retry} onDismiss={dismiss} />}
      <QueryView query={documents} skeleton={<TableSkeleton rows={4} />}>
        {(data) =>
          data.length === 0 ? (
            uploads.length === 0 && (
              <EmptyState icon={IconFileText} title="No documents yet">
                {mayWrite ? 'Drop files above. They can be searched as soon as they are ready, each for itself.' : 'Whoever may write to it has not uploaded any.'}
              </EmptyState>
            )
          ) : (
            <DataTable label="Documents" columns={columns} minWidth={760}>
              {data.map((document) => (
                <DocumentRow key={document.id} project={project} base={base} document={document} mayWrite={mayWrite} onRead={() => read(document)} />
              ))}
            </DataTable>
          )
        }
      </QueryView>
      <PassageDrawer project={project} open={open} onClose={() => setOpen(null)} />
    </Stack>
  );
}
