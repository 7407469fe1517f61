import { Button, Group, Modal, MultiSelect, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useCreateKey } from '../../api/keys';
import { ApiError } from '../../api/problem';
import { useSession } from '../../api/session';
import { ErrorNotice } from '../../components/ErrorNotice';
import { KeySecret } from './KeySecret';
import { expiry, lifetimes } from './lifetime';
import { ScopeFields } from './ScopeFields';
import { everything, isLimited } from './scope';

const roles = [
  { value: 'viewer', label: 'viewer: sees everything' },
  { value: 'developer', label: 'developer: calls models, has keys' },
  { value: 'approver', label: 'approver: decides on models' },
  { value: 'operator', label: 'operator: sources and deployments' },
  { value: 'admin', label: 'admin: everything' },
];

export function CreateKeyModal({ project, onClose }: { project: string; onClose: () => void }) {
  const create = useCreateKey(project);
  const { data: session } = useSession();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(['developer']);
  const [days, setDays] = useState('90');
  const [factoryWide, setFactoryWide] = useState(false);
  const [scope, setScope] = useState(everything);
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), roles: chosen, factoryWide, expiresAt: expiry(days), scope: isLimited(scope) ? scope : null });
  };

  if (create.data) {
    return <KeySecret created={create.data} onClose={onClose} />;
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
          <ScopeFields project={project} scope={scope} onChange={setScope} fields={fields} />
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
