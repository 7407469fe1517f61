import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useCreateKnowledgeBase } from '../../api/builder/knowledge';
import { callableNames, deploymentsQuery } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { ErrorNotice } from '../../components/ErrorNotice';
import { projectHref } from '../../components/useProject';

export function CreateBaseModal({ project, onClose }: { project: string; onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateKnowledgeBase(project);
  const deployments = useQuery(deploymentsQuery(project));
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [picked, setPicked] = useState<string | null>(null);
  const [chunkSize, setChunkSize] = useState<number | ''>(600);
  const [chunkOverlap, setChunkOverlap] = useState<number | ''>(100);
  const models = callableNames(deployments.data, 'embedding');
  const model = picked ?? (models.includes('demo-embed') ? 'demo-embed' : (models[0] ?? null));
  const fields = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (model === null || chunkSize === '' || chunkOverlap === '') {
      return;
    }
    create.mutate(
      { name: name.trim(), description: description.trim() || null, embeddingModel: model, chunkSize, chunkOverlap },
      { onSuccess: (base) => void navigate(projectHref(project, `knowledge/${encodeURIComponent(base.name)}`)) },
    );
  };

  return (
    <Modal opened onClose={onClose} title="New knowledge base">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          {deployments.isError && <ErrorNotice error={deployments.error} onRetry={() => void deployments.refetch()} />}
          <TextInput
            label="Name"
            description="How flows and agents refer to it"
            placeholder="handbook"
            required
            data-autofocus
            maxLength={63}
            value={name}
            error={fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="base-name"
          />
          <TextInput label="Description" value={description} error={fields.description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Select
            label="Embedding model"
            description="Stays for the life of the base: vectors of two models do not compare"
            placeholder={deployments.isPending ? 'Loading...' : 'No embedding model is deployed'}
            required
            data={models}
            value={model}
            error={fields.embeddingModel}
            onChange={setPicked}
          />
          <Group grow align="flex-start">
            <NumberInput
              label="Passage length"
              suffix=" characters"
              min={100}
              max={8000}
              step={100}
              allowDecimal={false}
              value={chunkSize}
              error={fields.chunkSize}
              onChange={(value) => setChunkSize(value === '' ? '' : Number(value))}
            />
            <NumberInput
              label="Overlap"
              suffix=" characters"
              min={0}
              max={4000}
              step={50}
              allowDecimal={false}
              value={chunkOverlap}
              error={fields.chunkOverlap}
              onChange={(value) => setChunkOverlap(value === '' ? '' : Number(value))}
            />
          </Group>
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={model === null || name.trim() === ''} data-testid="create-base">
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
