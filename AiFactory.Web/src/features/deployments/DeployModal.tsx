import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useCreateDeployment } from '../../api/deployments';
import { modelsQuery } from '../../api/models';
import { ApiError } from '../../api/problem';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Notice } from '../../components/Notice';
import { deployableVersions, suggestName } from './deployable';
import { DeploymentFields, type DeploymentSettings } from './DeploymentFields';
import { deploymentHref } from './deploymentHref';

interface DeployModalProps {
  project: string;
  /** Which model the dialog begins with; empty for none. */
  model: string;
  version: number | null;
  onClose: () => void;
}

const defaults: DeploymentSettings = { replicas: 1, contextLength: null, slots: null, quantization: null, visibility: 'project' };

export function DeployModal({ project, model, version, onClose }: DeployModalProps) {
  const navigate = useNavigate();
  const models = useQuery(modelsQuery(project));
  const create = useCreateDeployment(project);
  const [picked, setPicked] = useState<string | null>(null);
  const [typedName, setTypedName] = useState<string | null>(null);
  const [settings, setSettings] = useState(defaults);

  const versions = deployableVersions(models.data ?? []);
  const asked = versions.find((each) => each.model === model && (version === null || each.version === version));
  const chosen = versions.find((each) => each.id === picked) ?? asked ?? (versions.length === 1 ? versions[0] : undefined);
  const name = typedName ?? (chosen ? suggestName(chosen.model) : '');
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) {
      create.mutate(
        { name: name.trim(), modelVersionId: chosen.id, ...settings },
        { onSuccess: (deployment) => void navigate(deploymentHref(deployment)) },
      );
    }
  };

  return (
    <Modal opened onClose={onClose} title="New deployment">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          {models.isError && <ErrorNotice error={models.error} onRetry={() => void models.refetch()} />}
          {models.data && versions.length === 0 && (
            <Notice tone="warn" title="No model is approved">
              Only an approved version can be deployed.
            </Notice>
          )}
          <Select
            label="Model"
            placeholder={models.isPending ? 'Loading...' : 'Choose an approved version'}
            searchable
            required
            data={versions.map((each) => ({ value: each.id, label: `${each.model} v${each.version} (${each.tag})` }))}
            value={chosen?.id ?? null}
            error={fields.modelVersionId}
            onChange={setPicked}
          />
          <TextInput
            label="Name"
            data-autofocus
            description="What clients send as model"
            required
            maxLength={63}
            pattern="[A-Za-z0-9._\-]{1,63}"
            title="1 to 63 letters, digits, dots, hyphens and underscores"
            value={name}
            error={fields.name}
            onChange={(event) => setTypedName(event.currentTarget.value)}
            data-testid="deployment-name"
          />
          <DeploymentFields value={settings} onChange={setSettings} errors={fields} maxContext={chosen?.metadata?.contextLength ?? null} />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!chosen || name.trim() === ''} data-testid="create-deployment">
              Deploy
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
