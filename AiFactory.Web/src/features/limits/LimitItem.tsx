import { ActionIcon, Group, Tooltip } from '@mantine/core';
import type { LimitState } from '../../api/limits';
import { IconPencil, IconTrash } from '../../components/icons';
import { Gauge } from './Gauge';
import { allowance, whose, type LimitRow } from './limitText';
import styles from './limits.module.css';

/** Of limits that each key or user has for itself, so many are shown. */
const shown = 5;

interface LimitItemProps {
  row: LimitRow;
  currency: string;
  mayWrite: boolean;
  ownerName: (owner: string) => string;
  onEdit: () => void;
  onDelete: () => void;
}

export function LimitItem({ row: { limit, isKept, states }, currency, mayWrite, ownerName, onEdit, onDelete }: LimitItemProps) {
  const isOne = limit.scope === 'factory' || (limit.scope === 'project' && limit.project !== null);
  const isEach = !isOne && (isKept ? limit.owner === null : states.length > 1);
  const owner = (state: LimitState) => (isEach && state.owner !== null ? ownerName(state.owner) : null);
  return (
    <li className={styles.item} data-testid={`limit-${limit.name}`}>
      <div className={styles.words}>
        <div className={styles.name}>{limit.name}</div>
        <div className={styles.allowance}>{allowance(limit, currency)}</div>
        <div className={styles.quiet}>{whose(isKept ? limit : { ...limit, owner: isEach ? null : limit.owner }, ownerName)}</div>
      </div>
      <div className={styles.gauges}>
        {states.length === 0 && <div className={styles.quiet}>The gateways have not said yet how it stands.</div>}
        {states.slice(0, shown).map((state) => (
          <Gauge key={state.owner ?? ''} state={state} owner={owner(state)} currency={currency} />
        ))}
        {states.length > shown && <div className={styles.quiet}>and {states.length - shown} that used less</div>}
      </div>
      <Group gap={2} wrap="nowrap" className={styles.actions}>
        {mayWrite && isKept && (
          <>
            <Tooltip label="Change the amount">
              <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${limit.name}`} onClick={onEdit}>
                <IconPencil size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${limit.name}`} onClick={onDelete}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </Group>
    </li>
  );
}
