import { Autocomplete, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery } from '../../api/deployments';
import { useSaveLimit, type Limit, type LimitMeasure, type LimitPeriod, type LimitRequest, type LimitScope } from '../../api/limits';
import { ApiError } from '../../api/problem';
import { ModalForm } from '../../components/ModalForm';
import { choices, measures, periods, scopes } from './limitText';
import { OwnerField } from './OwnerField';

interface LimitModalProps {
  /** Null for a limit of the whole factory. */
  project: string | null;
  /** Null to make a new one. */
  limit: Limit | null;
  /** What a project as a whole may use is the factory's to say. */
  factoryWide: boolean;
  onClose: () => void;
}

const blank: LimitRequest = { name: '', scope: 'key', owner: null, model: null, measure: 'tokens', period: 'day', amount: 100_000 };

export function LimitModal({ project, limit, factoryWide, onClose }: LimitModalProps) {
  const save = useSaveLimit(project);
  const deployments = useQuery({ ...deploymentsQuery(project ?? ''), enabled: project !== null && limit === null, refetchInterval: false });
  const [value, setValue] = useState<LimitRequest>(limit ?? blank);
  const [amount, setAmount] = useState<number | string>(value.amount);
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const set = (change: Partial<LimitRequest>) => setValue({ ...value, ...change });
  const fixed = limit !== null;
  const offered = (['key', 'user', 'project', 'factory'] as const).filter((scope) => (scope === 'factory' ? project === null : scope !== 'project' || factoryWide));
  const body: LimitRequest = {
    name: value.name.trim(),
    scope: value.scope,
    owner: value.owner?.trim() || null,
    model: value.model?.trim() || null,
    measure: value.measure,
    period: value.measure === 'concurrency' ? null : value.period,
    amount: Number(amount),
  };
  return (
    <ModalForm
      title={fixed ? `Change ${limit.name}` : 'New limit'}
      action={fixed ? 'Save' : 'Create'}
      saving={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ isNew: !fixed, body }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description={fixed ? 'Only the amount changes, for what was used is counted by the rest' : 'It stands in refusals'}
        required
        disabled={fixed}
        data-autofocus={!fixed || undefined}
        maxLength={63}
        value={value.name}
        error={fields.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-testid="limit-name"
      />
      <Group grow align="flex-start" gap="sm">
        <Select
          label="Bounds what is used by"
          data={choices(scopes, offered)}
          allowDeselect={false}
          disabled={fixed}
          value={value.scope}
          error={fields.scope}
          onChange={(scope) => set({ scope: scope as LimitScope, owner: null })}
        />
        <OwnerField project={project} scope={value.scope} owner={value.owner} disabled={fixed} error={fields.owner} onChange={(owner) => set({ owner })} />
      </Group>
      <Autocomplete
        label="Model"
        description="The name that clients send"
        placeholder="every model together"
        data={[...new Set(deployments.data?.map(({ name }) => name))]}
        disabled={fixed}
        value={value.model ?? ''}
        error={fields.model}
        onChange={(model) => set({ model })}
      />
      <Group grow align="flex-start" gap="sm">
        <Select
          label="Counts"
          data={choices(measures)}
          allowDeselect={false}
          disabled={fixed}
          value={value.measure}
          error={fields.measure}
          onChange={(measure) => set({ measure: measure as LimitMeasure, period: measure === 'concurrency' ? null : (value.period ?? 'day') })}
        />
        {value.measure !== 'concurrency' && (
          <Select
            label="Period"
            data={choices(periods)}
            allowDeselect={false}
            disabled={fixed}
            value={value.period}
            error={fields.period}
            onChange={(period) => set({ period: period as LimitPeriod })}
          />
        )}
      </Group>
      <NumberInput
        label="At most"
        required
        data-autofocus={fixed || undefined}
        min={0}
        decimalScale={value.measure === 'cost' ? 6 : 0}
        thousandSeparator=","
        hideControls
        value={amount}
        error={fields.amount}
        onChange={setAmount}
        data-testid="limit-amount"
      />
    </ModalForm>
  );
}
