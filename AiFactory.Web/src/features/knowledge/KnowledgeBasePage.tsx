import { Button, Skeleton, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { knowledgeBaseQuery, useDeleteKnowledgeBase } from '../../api/builder/knowledge';
import type { KnowledgeBase } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { BackLink } from '../../components/BackLink';
import { ConfirmModal } from '../../components/ConfirmModal';
import { formatBytes, formatNumber } from '../../components/format';
import { IconFileText, IconSearch, IconTrash } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { projectHref, useProject } from '../../components/useProject';
import { Documents } from './Documents';
import { Search } from './Search';
import { useUploads } from './useUploads';

export function KnowledgeBasePage() {
  const project = useProject();
  const { name = '' } = useParams();
  const base = useQuery(knowledgeBaseQuery(project, name));
  return (
    <QueryView
      query={base}
      header={<PageHeader title={name} above={<BackLink to={projectHref(project, 'knowledge')}>Knowledge</BackLink>} />}
      skeleton={<Skeleton height={280} radius={10} />}
    >
      {(data) => <BaseView key={data.name} project={project} base={data} />}
    </QueryView>
  );
}

function BaseView({ project, base }: { project: string; base: KnowledgeBase }) {
  const navigate = useNavigate();
  const mayWrite = usePermission('knowledge.write');
  const remove = useDeleteKnowledgeBase(project);
  const [deleting, setDeleting] = useState(false);
  // Not in the tab: a hidden one stops what it does, and an upload goes on while one searches.
  const uploads = useUploads(project, base.name);
  const [parameters, setParameters] = useSearchParams();
  const list = projectHref(project, 'knowledge');
  return (
    <>
      <PageHeader
        title={base.name}
        above={<BackLink to={list}>Knowledge</BackLink>}
        description={
          <>
            {base.description && <div>{base.description}</div>}
            {formatNumber(base.chunks)} passages of up to {formatNumber(base.chunkSize)} characters, {formatBytes(base.bytes)}, embedded by {base.embeddingModel}
          </>
        }
        actions={
          mayWrite && (
            <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )
        }
      />
      <Tabs
        value={parameters.get('tab') ?? 'documents'}
        onChange={(tab) => setParameters(tab === null || tab === 'documents' ? {} : { tab }, { replace: true })}
        keepMounted
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="documents" leftSection={<IconFileText size={15} />}>
            Documents
          </Tabs.Tab>
          <Tabs.Tab value="search" leftSection={<IconSearch size={15} />} data-testid="tab-search">
            Search
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="documents">
          <Documents project={project} base={base.name} uploads={uploads} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="search">
          <Search project={project} base={base} />
        </Tabs.Panel>
      </Tabs>
      <ConfirmModal
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${base.name}?`}
        action="Delete knowledge base"
        mutation={remove}
        variables={base.name}
        onDone={() => void navigate(list)}
      >
        Its {formatNumber(base.documents)} documents and their passages go with it. Flows and agents that use it fail from then on.
      </ConfirmModal>
    </>
  );
}
