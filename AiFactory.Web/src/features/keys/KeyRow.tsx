import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useRevokeKey } from '../../api/keys';
import type { ApiKey, KeyScope } from '../../api/types';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { StateBadge } from '../../components/StateBadge';
import styles from './keys.module.css';
import { keyState } from './keyState';
import { RotateKeyModal } from './RotateKeyModal';

interface KeyRowProps {
  apiKey: ApiKey;
  /** All that are known, to name the former and the next one. */
  keys: readonly ApiKey[];
  mayWrite: boolean;
}

export function KeyRow({ apiKey: key, keys, mayWrite }: KeyRowProps) {
  const revoke = useRevokeKey(key.project);
  const [asking, setAsking] = useState(false);
  const [rotating, setRotating] = useState(false);
  const state = keyState(key, Date.now());
  return (
    <Table.Tr data-testid={`key-${key.name}`} className={state === 'active' ? undefined : styles.ended}>
      <Table.Td className={styles.name}>
        {key.name}
        {key.replacedBy && <div className={styles.wide}>replaced by {prefixOf(keys, key.replacedBy)}</div>}
        {key.replaces && <div className={styles.wide}>replaces {prefixOf(keys, key.replaces)}</div>}
      </Table.Td>
      <Table.Td>
        <code className={styles.prefix}>{key.prefix}...</code>
      </Table.Td>
      <Table.Td>
        <StateBadge state={state} />
      </Table.Td>
      <Table.Td>
        {key.roles.join(', ')}
        {key.factoryWide && <div className={styles.wide}>in every project</div>}
      </Table.Td>
      <Table.Td className={styles.scope}>
        <Scope scope={key.scope} />
      </Table.Td>
      <Table.Td className={styles.nowrap}>
        <Ago at={key.createdAt} />
        <div className={styles.wide}>by {key.createdBy}</div>
      </Table.Td>
      <Table.Td className={styles.nowrap}>{key.expiresAt ? <Ago at={key.expiresAt} /> : 'never'}</Table.Td>
      <Table.Td align="right">
        {mayWrite && state !== 'revoked' && (
          <Group gap={6} wrap="nowrap" justify="flex-end">
            {state === 'active' && !key.replacedBy && (
              <Button variant="default" size="compact-xs" onClick={() => setRotating(true)} aria-label={`Rotate ${key.name}`}>
                Rotate
              </Button>
            )}
            <Button variant="default" size="compact-xs" onClick={() => setAsking(true)} aria-label={`Revoke ${key.name}`}>
              Revoke
            </Button>
          </Group>
        )}
        {rotating && <RotateKeyModal apiKey={key} onClose={() => setRotating(false)} />}
        <ConfirmModal
          opened={asking}
          onClose={() => setAsking(false)}
          title={`Revoke ${key.name}?`}
          action="Revoke key"
          mutation={revoke}
          variables={key.id}
        >
          Programs that use it are refused within seconds. It cannot be given back.
        </ConfirmModal>
      </Table.Td>
    </Table.Tr>
  );
}

/** One that is not on this page is named by its id. */
function prefixOf(keys: readonly ApiKey[], id: string): string {
  const prefix = keys.find((key) => key.id === id)?.prefix;
  return prefix === undefined ? id : `${prefix}...`;
}

function Scope({ scope }: { scope: KeyScope | null }) {
  if (scope === null) {
    return <span className={styles.wide}>all that its roles allow</span>;
  }
  return (
    <>
      {scope.models.length === 0 ? (
        'all models'
      ) : (
        <span className={styles.patterns}>
          {scope.models.map((model) => (
            <code key={model}>{model}</code>
          ))}
        </span>
      )}
      {scope.operations.length > 0 && <div className={styles.wide}>{scope.operations.join(', ')} only</div>}
    </>
  );
}
