import { Group, NumberInput, Select } from '@mantine/core';
import type { DeploymentRequest, Visibility } from '../../api/types';

export type DeploymentSettings = Pick<DeploymentRequest, 'replicas' | 'contextLength' | 'slots' | 'quantization' | 'visibility'>;

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

/** Bits for each weight, scales included. */
const quantizations = [
  { value: '', label: 'As they came' },
  { value: 'q8_0', label: 'q8_0: 8.5 bits, hardly a difference' },
  { value: 'q6_k', label: 'q6_k: 6.6 bits' },
  { value: 'q5_k_m', label: 'q5_k_m: 5.7 bits' },
  { value: 'q4_k_m', label: 'q4_k_m: 4.9 bits, the usual choice' },
  { value: 'q4_0', label: 'q4_0: 4.6 bits, the smallest' },
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
      <Select
        label="Weights"
        description="Weights of 16 or 32 bits can be packed: less memory, a little less exact"
        data={quantizations}
        allowDeselect={false}
        value={value.quantization ?? ''}
        error={errors.quantization}
        onChange={(quantization) => onChange({ ...value, quantization: quantization || null })}
      />
    </>
  );
}
