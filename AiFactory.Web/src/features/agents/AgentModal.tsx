import { Group, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rulesetsQuery, toolsQuery, useSaveNamed } from '../../api/builder/agents';
import { knowledgeBasesQuery } from '../../api/builder/knowledge';
import type { Agent } from '../../api/builder/types';
import { callableNames, deploymentsQuery, whyNotCallable } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { ModalForm } from '../../components/ModalForm';
import type { NamedModalProps } from './NamedList';

const blank: Agent = { name: '', description: null, model: '', instructions: '', rulesets: [], tools: [], knowledgeBases: [], maxSteps: 8, maxSeconds: 60 };

export function AgentModal({ project, item, onClose }: NamedModalProps<Agent>) {
  const save = useSaveNamed(project, 'agents');
  const deployments = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  const tools = useQuery(toolsQuery(project));
  const rulesets = useQuery(rulesetsQuery(project));
  const bases = useQuery({ ...knowledgeBasesQuery(project), refetchInterval: false });
  const [form, setForm] = useState(item ?? blank);
  const set = (change: Partial<Agent>) => setForm((current) => ({ ...current, ...change }));
  const models = callableNames(deployments.data, 'chat');
  const model = form.model || (models.includes('demo-chat') ? 'demo-chat' : (models[0] ?? ''));
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  return (
    <ModalForm
      title={item ? `Edit ${item.name}` : 'New agent'}
      action={item ? 'Save' : 'Create'}
      saving={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ isNew: item === null, body: { ...form, name: form.name.trim(), model } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Group grow align="flex-start">
        <TextInput
          label="Name"
          required
          disabled={item !== null}
          data-autofocus={item === null || undefined}
          maxLength={63}
          value={form.name}
          error={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          data-testid="agent-name"
        />
        <Select
          label="Model"
          required
          data={form.model !== '' && !models.includes(form.model) ? [form.model, ...models] : models}
          value={model || null}
          error={fields.model ?? whyNotCallable(deployments.data, model)}
          placeholder={deployments.isSuccess ? 'No chat model is deployed' : 'Loading...'}
          onChange={(value) => set({ model: value ?? '' })}
        />
      </Group>
      <TextInput label="Description" value={form.description ?? ''} error={fields.description} onChange={(event) => set({ description: event.currentTarget.value || null })} />
      <Textarea
        label="Instructions"
        placeholder="What the agent is for, and how it should answer"
        autosize
        minRows={3}
        maxRows={12}
        value={form.instructions}
        error={fields.instructions}
        onChange={(event) => set({ instructions: event.currentTarget.value })}
        data-testid="agent-instructions"
      />
      <MultiSelect label="Tools" data={names(tools.data, form.tools)} value={form.tools} error={fields.tools} onChange={(value) => set({ tools: value })} />
      <MultiSelect
        label="Knowledge bases"
        description="Each becomes a tool that searches it"
        data={names(bases.data, form.knowledgeBases)}
        value={form.knowledgeBases}
        error={fields.knowledgeBases}
        onChange={(value) => set({ knowledgeBases: value })}
      />
      <TagsInput
        label="Rulesets"
        description="The newest version of each; polite@3 is always the third"
        data={names(rulesets.data, form.rulesets)}
        value={form.rulesets}
        error={fields.rulesets}
        onChange={(value) => set({ rulesets: value })}
      />
      <Group grow align="flex-start">
        <NumberInput
          label="Steps at most"
          min={1}
          max={50}
          allowDecimal={false}
          required
          value={form.maxSteps}
          error={fields.maxSteps}
          onChange={(value) => set({ maxSteps: Number(value) })}
        />
        <NumberInput
          label="Time at most"
          suffix=" s"
          min={1}
          max={600}
          allowDecimal={false}
          required
          value={form.maxSeconds}
          error={fields.maxSeconds}
          onChange={(value) => set({ maxSeconds: Number(value) })}
        />
      </Group>
    </ModalForm>
  );
}

/** What may be chosen, and what was chosen though it is gone. */
function names(items: readonly { name: string }[] | undefined, chosen: readonly string[]): string[] {
  return [...new Set([...(items ?? []).map(({ name }) => name), ...chosen])];
}
