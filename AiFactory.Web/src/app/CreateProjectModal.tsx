import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../api/problem';
import { useCreateProject } from '../api/projects';
import type { ApprovalPolicy } from '../api/types';
import { ErrorNotice } from '../components/ErrorNotice';
import { projectHref } from '../components/useProject';

const policies = [
  { value: 'single', label: 'One person with the permission' },
  { value: 'second-person', label: 'A second person, never the author' },
];

export function CreateProjectModal({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateProject();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [policy, setPolicy] = useState<ApprovalPolicy>('second-person');
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name, displayName: displayName.trim() || null, approvalPolicy: policy },
      {
        onSuccess: (project) => {
          onClose();
          setName('');
          setDisplayName('');
          void navigate(projectHref(project.name));
        },
      },
    );
  };

  return (
    <Modal opened={opened} onClose={onClose} title="New project">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens; it does not change later."
            required
            data-autofocus
            maxLength={40}
            pattern="[a-z0-9\-]{1,40}"
            value={name}
            error={fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput label="Shown as" value={displayName} error={fields.displayName} onChange={(event) => setDisplayName(event.currentTarget.value)} />
          <Select
            label="Who approves a model"
            data={policies}
            value={policy}
            allowDeselect={false}
            onChange={(value) => setPolicy(value as ApprovalPolicy)}
          />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create project
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
