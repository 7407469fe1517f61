import { Button, Center, SegmentedControl, Table, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { auditQuery } from '../../api/audit';
import { useSession } from '../../api/session';
import type { AuditEntry } from '../../api/types';
import { Ago } from '../../components/Ago';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconChevronRight, IconHistory } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { useProject } from '../../components/useProject';
import styles from './audit.module.css';

export function AuditPage() {
  const project = useProject();
  const { data: session } = useSession();
  const [scope, setScope] = useState('project');
  const audit = useInfiniteQuery(auditQuery(scope === 'factory' ? null : project));
  return (
    <>
      <PageHeader
        title="Audit"
        description="Who did what, newest first. Nothing here is ever changed or deleted."
        actions={
          session?.factoryWide && (
            <SegmentedControl
              size="xs"
              aria-label="Scope"
              data={[
                { value: 'project', label: 'This project' },
                { value: 'factory', label: 'Whole factory' },
              ]}
              value={scope}
              onChange={setScope}
            />
          )
        }
      />
      <QueryView query={audit} skeleton={<TableSkeleton rows={8} />}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          if (entries.length === 0) {
            return (
              <EmptyState icon={IconHistory} title="Nothing has happened yet">
                Every change to models, deployments, sources and keys is written here.
              </EmptyState>
            );
          }
          return (
            <>
              <AuditTable entries={entries} withProject={scope === 'factory'} />
              {audit.isFetchNextPageError && <ErrorNotice error={audit.error} onRetry={() => void audit.fetchNextPage()} />}
              {audit.hasNextPage && !audit.isFetchNextPageError && (
                <Center mt="md">
                  <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()} data-testid="audit-more">
                    Show older
                  </Button>
                </Center>
              )}
            </>
          );
        }}
      </QueryView>
    </>
  );
}

function AuditTable({ entries, withProject }: { entries: AuditEntry[]; withProject: boolean }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (sequence: number) =>
    setOpen((current) => {
      const next = new Set(current);
      if (!next.delete(sequence)) {
        next.add(sequence);
      }
      return next;
    });
  const columns = ['When', 'Who', 'Action', 'Target', ...(withProject ? ['Project'] : []), ''];
  return (
    <DataTable label="Audit" columns={columns} minWidth={780}>
      {entries.map((entry) => {
        const expanded = open.has(entry.sequence);
        return (
          <Fragment key={entry.sequence}>
            <Table.Tr data-testid="audit-entry">
              <Table.Td className={styles.when}>
                <Ago at={entry.at} />
              </Table.Td>
              <Table.Td>{entry.actor}</Table.Td>
              <Table.Td>
                <code className={styles.code}>{entry.action}</code>
              </Table.Td>
              <Table.Td>
                <code className={styles.target}>{entry.target}</code>
              </Table.Td>
              {withProject && <Table.Td>{entry.project ?? '-'}</Table.Td>}
              <Table.Td align="right">
                {entry.detail !== null && entry.detail !== undefined && (
                  <UnstyledButton
                    className={styles.toggle}
                    aria-expanded={expanded}
                    aria-label={`Detail of entry ${entry.sequence}`}
                    onClick={() => toggle(entry.sequence)}
                  >
                    <IconChevronRight size={15} data-open={expanded || undefined} />
                  </UnstyledButton>
                )}
              </Table.Td>
            </Table.Tr>
            {expanded && (
              <Table.Tr>
                <Table.Td colSpan={columns.length} className={styles.detail}>
                  <pre>{JSON.stringify(entry.detail, null, 2)}</pre>
                </Table.Td>
              </Table.Tr>
            )}
          </Fragment>
        );
      })}
    </DataTable>
  );
}
