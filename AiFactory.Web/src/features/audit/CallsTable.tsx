import { Table } from '@mantine/core';
import type { CallAuditEntry } from '../../api/types';
import { Ago } from '../../components/Ago';
import { DataTable } from '../../components/DataTable';
import { formatNumber } from '../../components/format';
import styles from './audit.module.css';

/** What was refused to whom, whose sessions began and ended, and what was done to the gateway itself. */
export function CallsTable({ entries, withProject }: { entries: CallAuditEntry[]; withProject: boolean }) {
  return (
    <DataTable label="Refusals and sessions" columns={['When', 'Who', 'Action', 'Target', 'Reason', 'Times', ...(withProject ? ['Project'] : [])]} minWidth={780}>
      {entries.map((entry) => (
        <Table.Tr key={entry.sequence} data-testid="call-audit-entry">
          <Table.Td className={styles.when}>
            <Ago at={entry.until} />
            {entry.count > 1 && (
              <div>
                since <Ago at={entry.at} />
              </div>
            )}
          </Table.Td>
          <Table.Td>{entry.actor}</Table.Td>
          <Table.Td>
            <code className={styles.code}>{entry.action}</code>
          </Table.Td>
          <Table.Td>
            <code className={styles.target}>{entry.target}</code>
          </Table.Td>
          <Table.Td>{entry.reason ?? '-'}</Table.Td>
          <Table.Td>{formatNumber(entry.count)}</Table.Td>
          {withProject && <Table.Td>{entry.project ?? '-'}</Table.Td>}
        </Table.Tr>
      ))}
    </DataTable>
  );
}
