import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { agentsQuery } from '../../api/builder/agents';
import { flowsQuery } from '../../api/builder/flows';
import { useCreateThread } from '../../api/builder/threads';
import { callableNames, deploymentsQuery } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { ErrorNotice } from '../../components/ErrorNotice';
import { projectHref } from '../../components/useProject';

export function NewThreadModal({ project, onClose }: { project: string; onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateThread(project);
  const flows = useQuery({ ...flowsQuery(project), refetchInterval: false });
  const agents = useQuery(agentsQuery(project));
  const deployments = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  const [picked, setPicked] = useState<string | null>(null);
  const [title, setTitle] = useState('');
  const groups = [
    { group: 'Flows', items: (flows.data ?? []).map(({ name }) => ({ value: `flow:${name}`, label: name })) },
    { group: 'Agents', items: (agents.data ?? []).map(({ name }) => ({ value: `agent:${name}`, label: name })) },
    { group: 'Models', items: callableNames(deployments.data, 'chat').map((name) => ({ value: `model:${name}`, label: name })) },
  ].filter(({ items }) => items.length > 0);
  const target = picked ?? groups[0]?.items[0]?.value ?? null;
  const failed = [flows, agents, deployments].find((query) => query.isError);
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (target !== null) {
      create.mutate(
        { title: title.trim() || null, target },
        { onSuccess: (thread) => void navigate(projectHref(project, `threads/${thread.id}`)) },
      );
    }
  };
  return (
    <Modal opened onClose={onClose} title="New thread">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          {failed && <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />}
          <Select
            label="Talks to"
            required
            searchable
            data={groups}
            value={target}
            error={fields.target}
            placeholder="Choose a flow, an agent or a model"
            onChange={setPicked}
            data-testid="thread-target"
          />
          <TextInput label="Title" placeholder="taken from the first question" value={title} error={fields.title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={target === null} data-testid="create-thread">
              Start
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
