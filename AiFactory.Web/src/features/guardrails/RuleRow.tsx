import { ActionIcon, Group, Switch, Table, Tooltip } from '@mantine/core';
import type { GuardrailRule } from '../../api/guardrails';
import { IconPencil, IconTrash } from '../../components/icons';
import styles from './guardrails.module.css';
import { actions, directions, kinds, looksFor } from './rules';

interface RuleRowProps {
  rule: GuardrailRule;
  mayWrite: boolean;
  saving: boolean;
  onToggle: (enabled: boolean) => void;
  onEdit: () => void;
  onDelete: () => void;
}

export function RuleRow({ rule, mayWrite, saving, onToggle, onEdit, onDelete }: RuleRowProps) {
  return (
    <Table.Tr data-testid={`rule-${rule.name}`} className={styles.row} data-off={!rule.enabled || undefined}>
      <Table.Td>
        <Switch size="xs" aria-label={`${rule.name} is on`} checked={rule.enabled} disabled={!mayWrite || saving} onChange={(event) => onToggle(event.currentTarget.checked)} />
      </Table.Td>
      <Table.Td className={styles.name}>{rule.name}</Table.Td>
      <Table.Td className={styles.what}>
        <div>{kinds[rule.kind]?.label ?? rule.kind}</div>
        {rule.kind === 'pattern' ? <code className={styles.code}>{rule.pattern}</code> : <div className={styles.quiet}>{looksFor(rule)}</div>}
      </Table.Td>
      <Table.Td>
        <span className={styles.action} data-action={rule.action}>
          {actions[rule.action]?.label ?? rule.action}
        </span>
        {rule.replacement && <div className={styles.quiet}>by {rule.replacement}</div>}
      </Table.Td>
      <Table.Td>{directions[rule.appliesTo]?.label ?? rule.appliesTo}</Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Tooltip label="Edit">
              <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${rule.name}`} onClick={onEdit}>
                <IconPencil size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${rule.name}`} onClick={onDelete}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
