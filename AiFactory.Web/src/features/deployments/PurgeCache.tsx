import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { usePurgeCache } from '../../api/cache';
import { ConfirmModal } from '../../components/ConfirmModal';
import { formatNumber } from '../../components/format';
import { IconEraser } from '../../components/icons';

export function PurgeCache({ project }: { project: string }) {
  const [opened, setOpened] = useState(false);
  const purge = usePurgeCache(project, ({ removed }) =>
    notifications.show({ message: removed === 1 ? 'One kept answer was forgotten.' : `${formatNumber(removed)} kept answers were forgotten.` }),
  );
  return (
    <>
      <Button variant="default" leftSection={<IconEraser size={14} />} onClick={() => setOpened(true)} data-testid="purge-cache">
        Purge cache
      </Button>
      <ConfirmModal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Forget all kept answers of ${project}?`}
        action="Purge cache"
        mutation={purge}
        variables={undefined}
      >
        Answers and vectors that deployments keep for callers of <b>{project}</b> are computed anew the next time they are asked for. What other projects asked
        stays.
      </ConfirmModal>
    </>
  );
}
