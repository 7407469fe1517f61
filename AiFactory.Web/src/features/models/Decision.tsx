import { Button, Group, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useDecide } from '../../api/models';
import { usePermission } from '../../api/session';
import type { ModelVersion } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconThumbDown, IconThumbUp } from '../../components/icons';
import { Panel } from '../../components/Panel';

/** Approve or reject, or approve again what was revoked, for whoever may; the library's refusal (a second person is asked for, say) is shown as it says it. */
export function Decision({ version }: { version: ModelVersion }) {
  const mayDecide = usePermission('models.approve');
  const decide = useDecide(version.project);
  const [comment, setComment] = useState('');
  const revoked = version.state === 'revoked';
  if (version.state !== 'pending-approval' && !revoked) {
    return null;
  }
  const send = (decision: 'approve' | 'reject') =>
    decide.mutate(
      { version: version.id, decision, comment: comment.trim() || null },
      {
        onSuccess: () =>
          notifications.show({ message: `${version.model} v${version.version} ${decision === 'approve' ? 'approved' : 'rejected'}.` }),
      },
    );
  const pending = decide.isPending ? decide.variables.decision : null;
  return (
    <Panel title={revoked ? 'Approve it again' : 'Waiting for a decision'} testId="decision">
      {decide.isError && <ErrorNotice error={decide.error} testId="decision-error" />}
      <Text size="sm" c="dimmed" mb="sm" mt={decide.isError ? 'sm' : 0}>
        {revoked
          ? `Another person than ${version.revokedBy} may approve it again. Its deployments then go on.`
          : 'The scan passed. Until someone approves it, nobody can deploy or call this version.'}
      </Text>
      {mayDecide ? (
        <>
          <Textarea
            label="Comment"
            placeholder="What you checked, or why it may not be used"
            autosize
            minRows={2}
            size="sm"
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          <Group gap="xs" mt="sm">
            <Button
              leftSection={<IconThumbUp size={14} />}
              loading={pending === 'approve'}
              disabled={pending === 'reject'}
              onClick={() => send('approve')}
              data-testid="approve"
            >
              Approve
            </Button>
            {!revoked && (
              <Button
                variant="default"
                leftSection={<IconThumbDown size={14} />}
                loading={pending === 'reject'}
                disabled={pending === 'approve'}
                onClick={() => send('reject')}
                data-testid="reject"
              >
                Reject
              </Button>
            )}
          </Group>
        </>
      ) : (
        <Text size="sm">Your roles do not include approving models.</Text>
      )}
    </Panel>
  );
}
