import { Skeleton, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { variantsQuery, type Interval } from '../../api/variants';
import type { Deployment } from '../../api/types';
import { DataTable } from '../../components/DataTable';
import { formatNumber } from '../../components/format';
import { Panel } from '../../components/Panel';
import { QueryView } from '../../components/QueryView';
import styles from './deployments.module.css';
import { formatSeconds, formatShare } from './spans';

/** What each deployment did with the requests for this name in the last week, with 95 % bounds. */
export function VariantsPanel({ deployment }: { deployment: Deployment }) {
  const report = useQuery(variantsQuery(deployment.project, deployment.name));
  return (
    <Panel title="Variants" testId="variants">
      <QueryView query={report} skeleton={<Skeleton height={60} radius={8} />}>
        {({ items, method, currency }) =>
          items.length === 0 ? (
            <div className={styles.nothing}>No requests for this name were shared out in the last seven days: there is nothing to compare.</div>
          ) : (
            <>
              <DataTable label="Variants" columns={['Variant', 'Requests', 'Failed', 'Latency p50', 'Latency p95', 'Tokens', `Cost (${currency})`, 'Score']} minWidth={820}>
                {items.map((each) => (
                  <Table.Tr key={each.id} data-testid={`variant-${each.name ?? each.id}`}>
                    <Table.Td>{each.name ?? each.id.slice(0, 8)}</Table.Td>
                    <Table.Td>
                      {formatNumber(each.requests)} <div className={styles.model}>of {formatNumber(each.callers)} {each.callers === 1 ? 'caller' : 'callers'}</div>
                    </Table.Td>
                    <Figure of={each.failureShare} format={formatShare} />
                    <Figure of={each.latency.p50} format={formatSeconds} />
                    <Figure of={each.latency.p95} format={formatSeconds} />
                    <Figure of={each.completionTokens} format={(tokens) => tokens.toFixed(1)} />
                    <Figure of={each.cost} format={(micros) => (micros / 1e6).toPrecision(3)} />
                    <Figure of={each.score} format={(score) => score.toFixed(3)} />
                  </Table.Tr>
                ))}
              </DataTable>
              <div className={styles.caption}>The last seven days. {method}</div>
            </>
          )
        }
      </QueryView>
    </Panel>
  );
}

function Figure({ of: interval, format }: { of: Interval | null; format: (value: number) => string }) {
  return (
    <Table.Td>
      {interval === null ? '–' : format(interval.value)}
      {interval?.low != null && interval.high != null && (
        <div className={styles.model}>
          {format(interval.low)} to {format(interval.high)}
        </div>
      )}
    </Table.Td>
  );
}
