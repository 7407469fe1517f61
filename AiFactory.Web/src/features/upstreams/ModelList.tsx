import { ActionIcon, Button, Group, Input, Select, TextInput } from '@mantine/core';
import type { UpstreamModel } from '../../api/upstreams';
import { IconPlus, IconTrash } from '../../components/icons';
import { tasks } from './kinds';
import styles from './upstreams.module.css';

interface ModelListProps {
  models: readonly UpstreamModel[];
  /** By field, as the library names them: `models[0].name`. */
  errors: Record<string, string>;
  onChange: (models: UpstreamModel[]) => void;
}

export const blankModel: UpstreamModel = { name: '', model: '', task: 'chat', contextLength: null, visibility: null };

export function ModelList({ models, errors, onChange }: ModelListProps) {
  const set = (index: number, change: Partial<UpstreamModel>) => onChange(models.map((model, at) => (at === index ? { ...model, ...change } : model)));
  return (
    <Input.Wrapper label="Models" description="The name that clients send, and the upstream's own id of it" error={errors.models}>
      {models.map((model, index) => (
        <Group key={index} gap="xs" mt={6} align="flex-start" className={styles.model} data-testid={`model-${index + 1}`}>
          <TextInput
            aria-label={`Name of model ${index + 1}`}
            placeholder="far-chat"
            required
            maxLength={63}
            value={model.name}
            error={errors[`models[${index}].name`]}
            onChange={(event) => set(index, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`The upstream's id of model ${index + 1}`}
            placeholder="its id there"
            required
            value={model.model}
            error={errors[`models[${index}].model`]}
            onChange={(event) => set(index, { model: event.currentTarget.value })}
          />
          <Select
            aria-label={`Task of model ${index + 1}`}
            data={tasks}
            value={model.task ?? 'chat'}
            allowDeselect={false}
            error={errors[`models[${index}].task`]}
            onChange={(task) => set(index, { task })}
          />
          <ActionIcon variant="subtle" color="gray" mt={4} aria-label={`Remove model ${index + 1}`} disabled={models.length === 1} onClick={() => onChange(models.filter((_, at) => at !== index))}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button mt={8} size="compact-sm" variant="default" leftSection={<IconPlus size={13} />} onClick={() => onChange([...models, blankModel])} data-testid="add-model">
        Add model
      </Button>
    </Input.Wrapper>
  );
}
