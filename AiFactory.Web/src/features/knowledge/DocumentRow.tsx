import { ActionIcon, Button, Group, Progress, Table, Tooltip, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useDeleteDocument, useRetryDocument } from '../../api/builder/knowledge';
import type { KnowledgeDocument } from '../../api/builder/types';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { formatBytes, formatNumber } from '../../components/format';
import { IconRefresh, IconTrash } from '../../components/icons';
import { showFailure } from '../../components/showFailure';
import { StateBadge } from '../../components/StateBadge';
import styles from './knowledge.module.css';

interface DocumentRowProps {
  project: string;
  base: string;
  document: KnowledgeDocument;
  mayWrite: boolean;
  onRead: () => void;
}

export function DocumentRow({ project, base, document, mayWrite, onRead }: DocumentRowProps) {
  const { id, name, state, error, chunks, embedded } = document;
  const retry = useRetryDocument(project, base);
  const remove = useDeleteDocument(project, base);
  const [deleting, setDeleting] = useState(false);
  return (
    <Table.Tr data-testid={`document-${name}`}>
      <Table.Td className={styles.document}>
        {state === 'ready' ? (
          <UnstyledButton className={styles.name} onClick={onRead}>
            {name}
          </UnstyledButton>
        ) : (
          <span className={styles.name}>{name}</span>
        )}
        <div className={styles.quiet}>{document.contentType}</div>
      </Table.Td>
      <Table.Td className={styles.state}>
        <StateBadge state={state} testId="document-state" />
        {state === 'embedding' && chunks > 0 && (
          <Progress value={(embedded * 100) / chunks} size={3} mt={6} color="ember.6" aria-label={`${embedded} of ${chunks} passages embedded`} />
        )}
        {error && <div className={styles.error}>{error}</div>}
      </Table.Td>
      <Table.Td className={styles.nowrap}>
        {state === 'embedding' ? `${formatNumber(embedded)} of ${formatNumber(chunks)}` : chunks > 0 ? formatNumber(chunks) : <span className={styles.quiet}>none</span>}
      </Table.Td>
      <Table.Td className={styles.nowrap}>{formatBytes(document.size)}</Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={document.createdAt} />
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            {state === 'failed' && (
              <Button
                variant="default"
                size="compact-xs"
                mr={4}
                leftSection={<IconRefresh size={13} />}
                loading={retry.isPending}
                onClick={() => retry.mutate(id, { onError: showFailure(`${name} could not be tried again`) })}
                data-testid="retry-document"
              >
                Retry
              </Button>
            )}
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={() => setDeleting(true)}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
        <ConfirmModal opened={deleting} onClose={() => setDeleting(false)} title={`Delete ${name}?`} action="Delete document" mutation={remove} variables={id}>
          Its passages are not found any more, from now on.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}
