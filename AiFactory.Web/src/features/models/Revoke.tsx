import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useRevoke } from '../../api/models';
import { usePermission } from '../../api/session';
import type { ModelVersion } from '../../api/types';
import { ConfirmModal } from '../../components/ConfirmModal';
import { IconBan } from '../../components/icons';

/** Withdraws an approval, for whoever may approve; the reason is told to everybody whose calls it ends. */
export function Revoke({ version }: { version: ModelVersion }) {
  const mayRevoke = usePermission('models.approve');
  const revoke = useRevoke(version.project);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  if (!mayRevoke) {
    return null;
  }
  return (
    <>
      <Button variant="default" leftSection={<IconBan size={14} />} onClick={() => setAsking(true)} data-testid="revoke">
        Revoke
      </Button>
      <ConfirmModal
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${version.model} v${version.version}?`}
        action="Revoke version"
        mutation={revoke}
        variables={{ version: version.id, reason: reason.trim() }}
        ready={reason.trim() !== ''}
      >
        Its deployments get no request any more, and the same file under another name or tag of this project is revoked with it. Only another person can approve it
        again.
        <Textarea
          label="Reason"
          description="Callers, flows and agents that use it are told"
          required
          autosize
          minRows={2}
          maxLength={2000}
          mt="sm"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-testid="revoke-reason"
        />
      </ConfirmModal>
    </>
  );
}
