import { Button, Group, Modal, Select, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useCreateFlow } from '../../api/builder/flows';
import { knowledgeBasesQuery } from '../../api/builder/knowledge';
import type { Flow } from '../../api/builder/types';
import { callableNames, deploymentsQuery } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconBooks, IconLayoutGrid } from '../../components/icons';
import { projectHref } from '../../components/useProject';
import styles from './flows.module.css';

const templates = [
  { value: 'chat-over-documents', icon: IconBooks, title: 'Chat over documents', text: 'Finds passages in a knowledge base, and a model answers from them with citations.', name: 'chat-over-documents' },
  { value: 'blank', icon: IconLayoutGrid, title: 'Blank', text: 'A question and an answer, and whatever you put between them.', name: 'flow' },
] as const;

/** The seeded ones first: with them a template is ready without a choice. */
const preferred = { model: 'demo-chat', base: 'aifactory' };

export function NewFlowModal({ project, taken, onClose }: { project: string; taken: readonly Flow[]; onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateFlow(project);
  const deployments = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  const bases = useQuery({ ...knowledgeBasesQuery(project), refetchInterval: false });
  const [template, setTemplate] = useState<(typeof templates)[number]>(templates[0]);
  const [typedName, setTypedName] = useState<string | null>(null);
  const [pickedModel, setModel] = useState<string | null>(null);
  const [pickedBase, setBase] = useState<string | null>(null);

  const models = callableNames(deployments.data, 'chat');
  const names = (bases.data ?? []).map(({ name }) => name);
  const model = pickedModel ?? first(models, preferred.model);
  const base = pickedBase ?? first(names, preferred.base);
  const name = typedName ?? freeName(template.name, taken);
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const withDocuments = template.value === 'chat-over-documents';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      {
        name: name.trim(),
        description: null,
        template: template.value,
        knowledgeBase: withDocuments ? base : null,
        model: withDocuments ? model : null,
      },
      { onSuccess: (flow) => void navigate(projectHref(project, `flows/${encodeURIComponent(flow.name)}`)) },
    );
  };

  return (
    <Modal opened onClose={onClose} title="New flow" size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {create.isError && <ErrorNotice error={create.error} />}
          <div className={styles.templates} role="radiogroup" aria-label="Template">
            {templates.map((each) => (
              <UnstyledButton
                key={each.value}
                role="radio"
                aria-checked={template.value === each.value}
                className={styles.template}
                onClick={() => setTemplate(each)}
                data-testid={`template-${each.value}`}
              >
                <each.icon size={18} stroke={1.6} aria-hidden />
                <span className={styles.templateTitle}>{each.title}</span>
                <span className={styles.quiet}>{each.text}</span>
              </UnstyledButton>
            ))}
          </div>
          <TextInput
            label="Name"
            required
            maxLength={63}
            value={name}
            error={fields.name}
            onChange={(event) => setTypedName(event.currentTarget.value)}
            data-testid="flow-name"
          />
          {withDocuments && (
            <Group grow align="flex-start">
              <Select
                label="Knowledge base"
                required
                data={names}
                value={base}
                error={fields.knowledgeBase ?? (bases.isSuccess && names.length === 0 ? 'There is none yet' : undefined)}
                placeholder={bases.isPending ? 'Loading...' : 'Choose'}
                onChange={setBase}
              />
              <Select
                label="Model"
                required
                data={models}
                value={model}
                error={fields.model ?? (deployments.isSuccess && models.length === 0 ? 'No chat model is deployed' : undefined)}
                placeholder={deployments.isPending ? 'Loading...' : 'Choose'}
                onChange={setModel}
              />
            </Group>
          )}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={create.isPending}
              disabled={name.trim() === '' || (withDocuments && (model === null || base === null))}
              data-autofocus
              data-testid="create-flow"
            >
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function first(names: readonly string[], wanted: string): string | null {
  return names.includes(wanted) ? wanted : (names[0] ?? null);
}

function freeName(name: string, taken: readonly Flow[]): string {
  const names = new Set(taken.map((flow) => flow.name));
  let free = name;
  for (let number = 2; names.has(free); number += 1) {
    free = `${name}-${number}`;
  }
  return free;
}
