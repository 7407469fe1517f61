import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/problem';
import { useSaveSource } from '../../api/sources';
import type { Source } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';

interface SourceModalProps {
  project: string;
  /** Null to add one. */
  source: Source | null;
  onClose: () => void;
}

export function SourceModal({ project, source, onClose }: SourceModalProps) {
  const save = useSaveSource(project);
  const [form, setForm] = useState({
    name: source?.name ?? '',
    location: source?.location ?? '',
    namePattern: source?.namePattern ?? '',
    tagFilter: source?.tagFilter ?? '',
    enabled: source?.enabled ?? true,
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const field = (name: 'name' | 'location' | 'namePattern' | 'tagFilter') => ({
    value: form[name],
    error: fields[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((current) => ({ ...current, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      {
        id: source?.id ?? null,
        name: form.name.trim(),
        kind: source?.kind ?? 'directory',
        location: form.location.trim(),
        namePattern: form.namePattern.trim() || null,
        tagFilter: form.tagFilter.trim() || null,
        enabled: form.enabled,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Modal opened onClose={onClose} title={source ? `Edit ${source.name}` : 'Add a directory source'}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {save.isError && <ErrorNotice error={save.error} />}
          <TextInput label="Name" required data-autofocus {...field('name')} />
          <TextInput
            label="Directory"
            description="An absolute path on the library's machine, below a root that its settings allow"
            placeholder="/srv/models"
            required
            {...field('location')}
          />
          <TextInput label="Model names" description="A glob; * stops at a slash, ** does not" placeholder="every name" {...field('namePattern')} />
          <TextInput label="Tags" description="A regular expression" placeholder="every tag" {...field('tagFilter')} />
          <Switch
            label="Enabled"
            checked={form.enabled}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              setForm((current) => ({ ...current, enabled: checked }));
            }}
          />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="save-source">
              {source ? 'Save' : 'Add source'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
