import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { DeploymentTraffic, TrafficLook } from '../../api/traffic';
import { DataTable } from '../../components/DataTable';
import { projectHref } from '../../components/useProject';
import { formatRate, formatSeconds, formatShare, orDash } from './formats';
import { measure, newestOf, type Measures } from './measures';
import styles from './traffic.module.css';

const columns: readonly { title: string; cell: (measures: Measures) => string; isBad?: (measures: Measures) => boolean }[] = [
  { title: 'Requests/s', cell: ({ requests }) => formatRate(requests) },
  { title: 'Errors', cell: ({ errorShare }) => orDash(formatShare)(errorShare), isBad: ({ errors }) => errors > 0 },
  { title: 'Tokens/s', cell: ({ completionTokens }) => formatRate(completionTokens) },
  { title: 'First token, p50 / p95', cell: ({ firstTokenP50, firstTokenP95 }) => pair(firstTokenP50, firstTokenP95) },
  { title: 'Under way', cell: ({ underWay }) => String(underWay) },
  { title: 'Waiting', cell: ({ waiting }) => String(waiting), isBad: ({ waiting }) => waiting > 0 },
  { title: 'From cache', cell: ({ cacheShare }) => orDash(formatShare)(cacheShare) },
  { title: 'Turned away/s', cell: ({ turnedAway }) => formatRate(turnedAway) },
];

function pair(p50: number | null, p95: number | null): string {
  return p50 === null || p95 === null ? '-' : `${formatSeconds(p50)} / ${formatSeconds(p95)}`;
}

/** One row for each deployment that any gateway knows. */
export function deploymentsOf(looks: readonly TrafficLook[]): DeploymentTraffic[] {
  return [...new Map(newestOf(looks).flatMap(({ items }) => items.map((item) => [item.id, item] as const))).values()];
}

export function DeploymentsTable({ looks, seconds, withProject }: { looks: readonly TrafficLook[]; seconds: number | null; withProject: boolean }) {
  return (
    <DataTable label="Deployments" columns={['Deployment', ...columns.map(({ title }) => title)]} minWidth={940}>
      {deploymentsOf(looks).map((item) => {
        const measures = measure(looks, seconds, looks.length - 1, item.id);
        return (
          <Table.Tr key={item.id} data-testid={`traffic-${item.name}`}>
            <Table.Td className={styles.name}>
              {item.upstream === null && item.project !== 'models.yaml' ? (
                <Link to={projectHref(item.project, `deployments/${encodeURIComponent(item.name)}`)}>{item.name}</Link>
              ) : (
                <span>{item.name}</span>
              )}
              <div className={styles.quiet}>{[withProject && item.project, item.upstream === null ? `${item.model} v${item.modelVersion}` : `upstream ${item.upstream}`].filter(Boolean).join(', ')}</div>
            </Table.Td>
            {columns.map(({ title, cell, isBad }) => (
              <Table.Td key={title} className={styles.number} data-bad={isBad?.(measures) || undefined}>
                {cell(measures)}
              </Table.Td>
            ))}
          </Table.Tr>
        );
      })}
    </DataTable>
  );
}
