import { Button, Group, Modal, MultiSelect, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useCreateKey } from '../../api/keys';
import { ApiError } from '../../api/problem';
import { useSession } from '../../api/session';
import { CodeBlock } from '../../components/CodeBlock';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Notice } from '../../components/Notice';

const roles = [
  { value: 'viewer', label: 'viewer: sees everything' },
  { value: 'developer', label: 'developer: calls models, has keys' },
  { value: 'approver', label: 'approver: decides on models' },
  { value: 'operator', label: 'operator: sources and deployments' },
  { value: 'admin', label: 'admin: everything' },
];

const lifetimes = [
  { value: '', label: 'Never' },
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

/** Days from now as an instant; null for never. */
function expiry(days: string): string | null {
  return days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
}

export function CreateKeyModal({ project, onClose }: { project: string; onClose: () => void }) {
  const create = useCreateKey(project);
  const { data: session } = useSession();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(['developer']);
  const [days, setDays] = useState('90');
  const [factoryWide, setFactoryWide] = useState(false);
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), roles: chosen, factoryWide, expiresAt: expiry(days) });
  };

  if (create.data) {
    return (
      <Modal opened onClose={onClose} title={`Key ${create.data.key.name}`} closeOnClickOutside={false} closeOnEscape={false}>
        <Stack gap="sm">
          <Notice tone="warn" title="Copy it now">
            It is shown this once; nobody can read it again.
          </Notice>
          <CodeBlock code={create.data.secret} label="API key" testId="key-secret" />
          <Group justify="flex-end" mt="xs">
            <Button onClick={onClose} data-testid="key-done">
              I have copied it
            </Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Create an API key">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          <TextInput
            label="Name"
            description="Which program uses it"
            required
            data-autofocus
            value={name}
            error={fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="key-name"
          />
          <MultiSelect label="Roles" data={roles} value={chosen} error={fields.roles} onChange={setChosen} required withAsterisk />
          <Select label="Expires" data={lifetimes} value={days} allowDeselect={false} error={fields.expiresAt} onChange={(value) => setDays(value ?? '')} />
          {session?.factoryWide && (
            <Switch
              label="In every project of the factory"
              checked={factoryWide}
              error={fields.factoryWide}
              onChange={(event) => setFactoryWide(event.currentTarget.checked)}
            />
          )}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === '' || chosen.length === 0} data-testid="key-submit">
              Create key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
