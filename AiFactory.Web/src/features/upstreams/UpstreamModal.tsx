import { Checkbox, Group, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../../api/problem';
import { useSaveUpstream, type Upstream, type UpstreamKind, type UpstreamRequest } from '../../api/upstreams';
import { ModalForm } from '../../components/ModalForm';
import { kindChoices, kinds } from './kinds';
import { blankModel, ModelList } from './ModelList';

interface UpstreamModalProps {
  project: string;
  /** Null to make a new one. */
  upstream: Upstream | null;
  onClose: () => void;
}

function settingsOf(upstream: Upstream | null): UpstreamRequest {
  const { name = '', kind = 'openai', baseUrl = '', models = [blankModel], headers = {}, apiVersion = null, enabled = true, revision = null } = upstream ?? {};
  return { name, kind, baseUrl, models, headers, apiVersion, enabled, revision, credential: null };
}

export function UpstreamModal({ project, upstream, onClose }: UpstreamModalProps) {
  const save = useSaveUpstream(project);
  const [value, setValue] = useState(() => settingsOf(upstream));
  const [credential, setCredential] = useState('');
  const [without, setWithout] = useState(false);
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const set = (change: Partial<UpstreamRequest>) => setValue({ ...value, ...change });
  const kind = kinds[value.kind];
  const kept = upstream?.credential ?? null;
  const body: UpstreamRequest = {
    ...value,
    name: value.name.trim(),
    baseUrl: value.baseUrl.trim(),
    models: value.models.map((model) => ({ ...model, name: model.name.trim(), model: model.model.trim() })),
    apiVersion: kind.hasVersion ? value.apiVersion?.trim() || null : null,
    credential: without ? '' : credential || null,
  };
  return (
    <ModalForm
      title={upstream ? `Edit ${upstream.name}` : 'New upstream'}
      action={upstream ? 'Save' : 'Create'}
      saving={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate(body, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Group grow align="flex-start" gap="sm">
        <TextInput
          label="Name"
          required
          data-autofocus
          disabled={upstream !== null}
          maxLength={63}
          value={value.name}
          error={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          data-testid="upstream-name"
        />
        <Select label="Speaks" data={kindChoices} allowDeselect={false} value={value.kind} error={fields.kind} onChange={(chosen) => set({ kind: chosen as UpstreamKind })} />
      </Group>
      <TextInput
        label="Address"
        description={`${kind.about}. The library's settings say which hosts may be called.`}
        placeholder={kind.address}
        required
        value={value.baseUrl}
        error={fields.baseUrl}
        onChange={(event) => set({ baseUrl: event.currentTarget.value })}
        data-testid="upstream-address"
      />
      {kind.hasVersion && (
        <TextInput
          label="API version"
          placeholder="none"
          value={value.apiVersion ?? ''}
          error={fields.apiVersion}
          onChange={(event) => set({ apiVersion: event.currentTarget.value })}
        />
      )}
      <PasswordInput
        label="Credential"
        description={kept ? `Kept: ${kept.endsWith ? `the one that ends in ${kept.endsWith}` : 'one too short to show how it ends'}. Leave empty to keep it.` : 'Sealed when it is saved, and never shown again'}
        autoComplete="off"
        disabled={without}
        value={credential}
        error={fields.credential}
        onChange={(event) => setCredential(event.currentTarget.value)}
        data-testid="upstream-credential"
      />
      {kept && <Checkbox size="xs" iconColor="var(--surface)" label="Take the credential away" checked={without} onChange={(event) => setWithout(event.currentTarget.checked)} />}
      <ModelList models={value.models} errors={fields} onChange={(models) => set({ models })} />
      <Switch label="Its models are served" checked={value.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
    </ModalForm>
  );
}
