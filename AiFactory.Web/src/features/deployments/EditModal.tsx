import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useUpdateDeployment } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import type { Deployment } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { DeploymentFields, type DeploymentSettings } from './DeploymentFields';

export function EditModal({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const update = useUpdateDeployment(deployment.project);
  const [settings, setSettings] = useState<DeploymentSettings>({
    replicas: deployment.replicas,
    contextLength: deployment.contextLength,
    slots: deployment.slots,
    quantization: deployment.quantization ?? null,
    visibility: deployment.visibility,
  });
  // A PUT is the whole of what is desired: what this form does not show must not be lost by it.
  // When it was read goes along: a rollout may have moved its traffic since.
  const kept = { updatedAt: deployment.updatedAt, ...(deployment.traffic && { traffic: deployment.traffic }), ...(deployment.cache && { cache: deployment.cache }), ...(deployment.routing && { routing: deployment.routing }) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ name: deployment.name, modelVersionId: deployment.modelVersionId, ...settings, ...kept }, { onSuccess: onClose });
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
