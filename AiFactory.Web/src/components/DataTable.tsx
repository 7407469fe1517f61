import { Skeleton, Table } from '@mantine/core';
import type { CSSProperties, ReactNode } from 'react';
import styles from './DataTable.module.css';

interface DataTableProps {
  label: string;
  columns: readonly string[];
  children: ReactNode;
  minWidth?: number;
}

/** The columns' names where the style sheet finds them: on a narrow screen each cell says its own. */
function namesOf(columns: readonly string[]): CSSProperties {
  return Object.fromEntries(columns.map((column, index) => [`--column-${index + 1}`, JSON.stringify(column)]));
}

/**
 * A table in a frame that scrolls sideways where it finds no room; on a phone each row is a card whose cells say their columns' names. An empty column name stands over buttons; as the last one it
 * stays in sight.
 */
export function DataTable({ label, columns, children, minWidth = 640 }: DataTableProps) {
  return (
    <div className={styles.frame}>
      <Table.ScrollContainer minWidth={minWidth} type="native" classNames={{ scrollContainerInner: styles.inner }}>
        <Table aria-label={label} className={styles.table} style={namesOf(columns)} data-actions={columns.at(-1) === '' || undefined}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column, index) => (
                <Table.Th key={column || index} scope="col">
                  {column || <span className="sr-only">Actions</span>}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

export function TableSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div className={styles.frame}>
      {Array.from({ length: rows }, (_, row) => (
        <div className={styles.ghost} key={row}>
          <Skeleton height={10} width={`${28 - (row % 3) * 5}%`} />
          <Skeleton height={10} width="12%" />
          <Skeleton height={10} width="18%" />
          <Skeleton height={10} width="9%" />
        </div>
      ))}
    </div>
  );
}
