import { Group, NumberInput, Select } from '@mantine/core';
import type { Visibility } from '../../api/types';

export interface DeploymentSettings {
  replicas: number | null;
  contextLength: number | null;
  slots: number | null;
  visibility: Visibility;
}

interface DeploymentFieldsProps {
  value: DeploymentSettings;
  onChange: (value: DeploymentSettings) => void;
  errors: Record<string, string>;
  /** The model's own, the most that a request can use. */
  maxContext: number | null;
}

const visibilities = [
  { value: 'project', label: 'This project' },
  { value: 'factory', label: 'Every project' },
];

/** A number field gives '' when it is empty. */
const toNumber = (value: string | number): number | null => (value === '' ? null : Number(value));

/** What may change during a deployment's life. */
export function DeploymentFields({ value, onChange, errors, maxContext }: DeploymentFieldsProps) {
  return (
    <>
      <Group grow align="flex-start" gap="sm">
        <NumberInput
          label="Replicas"
          description="0 stops it"
          min={0}
          max={64}
          allowDecimal={false}
          value={value.replicas ?? ''}
          error={errors.replicas}
          onChange={(replicas) => onChange({ ...value, replicas: toNumber(replicas) })}
        />
        <Select
          label="Visibility"
          description="Who may call it"
          data={visibilities}
          allowDeselect={false}
          value={value.visibility}
          error={errors.visibility}
          onChange={(visibility) => onChange({ ...value, visibility: visibility as Visibility })}
        />
      </Group>
      <Group grow align="flex-start" gap="sm">
        <NumberInput
          label="Context"
          description="Tokens of one request"
          placeholder={maxContext ? `${maxContext} (the model's)` : "the model's"}
          min={1}
          max={maxContext ?? undefined}
          allowDecimal={false}
          thousandSeparator=","
          value={value.contextLength ?? ''}
          error={errors.contextLength}
          onChange={(contextLength) => onChange({ ...value, contextLength: toNumber(contextLength) })}
        />
        <NumberInput
          label="Slots"
          description="Requests decoded at once"
          placeholder="the worker's default"
          min={1}
          max={256}
          allowDecimal={false}
          value={value.slots ?? ''}
          error={errors.slots}
          onChange={(slots) => onChange({ ...value, slots: toNumber(slots) })}
        />
      </Group>
    </>
  );
}
