import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { desiredOf, useUpdateDeployment } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import type { Deployment } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { DeploymentFields, type DeploymentSettings } from './DeploymentFields';

export function EditModal({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const update = useUpdateDeployment(deployment.project);
  // As it was when the dialog opened: the page reads it anew every two seconds, and what has changed since must not be lost by saving.
  const [read] = useState(() => desiredOf(deployment));
  const [settings, setSettings] = useState<DeploymentSettings>(read);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ ...read, ...settings }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={`Edit ${deployment.name}`}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {update.isError && <ErrorNotice error={update.error} />}
          <DeploymentFields
            value={settings}
            onChange={setSettings}
            errors={update.error instanceof ApiError ? update.error.fields : {}}
            maxContext={null}
          />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={update.isPending} data-testid="save-deployment">
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
