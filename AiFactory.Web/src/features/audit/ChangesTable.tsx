import { Table, UnstyledButton } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { AuditEntry } from '../../api/types';
import { Ago } from '../../components/Ago';
import { DataTable } from '../../components/DataTable';
import { IconChevronRight } from '../../components/icons';
import styles from './audit.module.css';

/** Who changed what, with what was there before and after. */
export function ChangesTable({ entries, withProject }: { entries: AuditEntry[]; withProject: boolean }) {
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
    <DataTable label="Changes" columns={columns} minWidth={780}>
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
