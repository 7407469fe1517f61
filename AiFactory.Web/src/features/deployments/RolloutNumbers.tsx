import { Table } from '@mantine/core';
import type { Rollout, RolloutSample } from '../../api/rollouts';
import { Ago } from '../../components/Ago';
import { DataTable } from '../../components/DataTable';
import { formatNumber } from '../../components/format';
import styles from './deployments.module.css';
import { formatSeconds, formatShare } from './spans';

/** What both did in the step, as the gateways' ledger has it. */
export function RolloutNumbers({ rollout, observed }: { rollout: Rollout; observed: NonNullable<Rollout['observed']> }) {
  return (
    <div>
      <DataTable label="Numbers of both" columns={['Deployment', 'Requests', 'Failed', 'Waited in vain', 'p50', 'p95', 'p99']} minWidth={480}>
        <SampleRow name={rollout.candidate} sample={observed.candidate} />
        <SampleRow name={rollout.baseline} sample={observed.baseline} />
        {observed.baseline.requests === 0 && <SampleRow name={`${rollout.baseline}, the hour before`} sample={observed.before} />}
      </DataTable>
      <div className={styles.caption}>
        In this step{rollout.observedAt && <>, as of <Ago at={rollout.observedAt} /></>}. At most {formatShare(rollout.gates.maxFailureShare ?? 0.05)} may fail
        {rollout.gates.maxFailureIncrease !== null && <>, and {formatShare(rollout.gates.maxFailureIncrease)} more than of {rollout.baseline}</>}
        {rollout.gates.maxP95Ratio !== null && <>; the p95 at most {rollout.gates.maxP95Ratio} times as long</>}
        {rollout.gates.maxP99Ratio !== null && <>; the p99 at most {rollout.gates.maxP99Ratio} times</>}. Judged from {rollout.gates.minRequests ?? 0} requests on.
      </div>
    </div>
  );
}

function SampleRow({ name, sample }: { name: string; sample: RolloutSample }) {
  const time = (seconds: number | null) => (seconds === null ? '–' : formatSeconds(seconds));
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td>{formatNumber(sample.requests)}</Table.Td>
      <Table.Td>
        {formatNumber(sample.failures)}
        {sample.requests > 0 && ` (${formatShare(sample.failures / sample.requests)})`}
      </Table.Td>
      <Table.Td>
        {formatNumber(sample.left + sample.hanging)}
        {sample.hanging > 0 && ` (${formatNumber(sample.hanging)} hang)`}
      </Table.Td>
      <Table.Td>{time(sample.p50)}</Table.Td>
      <Table.Td>{time(sample.p95)}</Table.Td>
      <Table.Td>{time(sample.p99)}</Table.Td>
    </Table.Tr>
  );
}
