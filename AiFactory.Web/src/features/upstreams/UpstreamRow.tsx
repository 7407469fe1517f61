import { ActionIcon, Button, Group, Table, Tooltip } from '@mantine/core';
import { useTestUpstream, type Upstream } from '../../api/upstreams';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconPencil, IconTrash } from '../../components/icons';
import { StateBadge } from '../../components/StateBadge';
import { kinds } from './kinds';
import styles from './upstreams.module.css';

interface UpstreamRowProps {
  upstream: Upstream;
  mayWrite: boolean;
  onEdit: () => void;
  onDelete: () => void;
}

export function UpstreamRow({ upstream, mayWrite, onEdit, onDelete }: UpstreamRowProps) {
  const { name, kind, baseUrl, models, credential, message, enabled } = upstream;
  const test = useTestUpstream(upstream.project);
  return (
    <Table.Tr data-testid={`upstream-${name}`}>
      <Table.Td>
        <div className={styles.name}>{name}</div>
        <div className={styles.quiet}>{kinds[kind]?.label ?? kind}</div>
      </Table.Td>
      <Table.Td className={styles.state}>
        <StateBadge state={message === null ? 'served' : enabled ? 'not-served' : 'off'} />
        {message && enabled && <div className={styles.quiet}>{message}</div>}
        {test.data && (
          <div className={styles.test} data-good={test.data.code === 'ok' || undefined} role="status" data-testid="test-result">
            {test.data.message}
          </div>
        )}
        {test.isError && <ErrorNotice error={test.error} />}
      </Table.Td>
      <Table.Td>
        <Address value={baseUrl} label={`address of ${name}`} />
      </Table.Td>
      <Table.Td>
        <span className={styles.names}>
          {models.map((model) => (
            <code key={model.name} className={styles.chip} title={model.model}>
              {model.name}
            </code>
          ))}
        </span>
      </Table.Td>
      <Table.Td>
        {credential === null ? (
          <span className={styles.quiet}>none</span>
        ) : (
          <>
            {credential.endsWith ? <code>...{credential.endsWith}</code> : 'kept'}
            <div className={styles.quiet}>
              set <Ago at={credential.setAt} />
            </div>
          </>
        )}
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Button size="compact-xs" variant="default" loading={test.isPending} onClick={() => test.mutate(name)} aria-label={`Test ${name}`}>
              Test
            </Button>
            <Tooltip label="Edit">
              <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${name}`} onClick={onEdit}>
                <IconPencil size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={onDelete}>
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
