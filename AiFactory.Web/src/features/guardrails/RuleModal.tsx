import { Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSaveGuardrails, type GuardrailAction, type GuardrailDirection, type GuardrailKind, type GuardrailLevel, type GuardrailPolicy } from '../../api/guardrails';
import { ApiError } from '../../api/problem';
import { ModalForm } from '../../components/ModalForm';
import { kindFields } from './KindFields';
import { actions, blank, canMask, directions, errorsOf, kinds, ofKind } from './rules';

interface RuleModalProps {
  level: GuardrailLevel;
  policy: GuardrailPolicy;
  /** Of the rule that is edited; null to make a new one. */
  name: string | null;
  onClose: () => void;
}

const choices = <K extends string>(table: Record<K, { label: string }>, keys = Object.keys(table) as K[]) => keys.map((value) => ({ value, label: table[value].label }));

export function RuleModal({ level, policy, name, onClose }: RuleModalProps) {
  const save = useSaveGuardrails(level);
  const [rule, setRule] = useState(policy.rules.find((each) => each.name === name) ?? blank);
  // By its name: a save of somebody else may have moved it.
  const found = policy.rules.findIndex((each) => each.name === name);
  const index = found < 0 ? policy.rules.length : found;
  const errors = save.error instanceof ApiError ? errorsOf(save.error.fields, index) : {};
  const set = (change: Partial<typeof rule>) => setRule({ ...rule, ...change });
  const Fields = kindFields[rule.kind];
  const submit = () => {
    const rules = policy.rules.toSpliced(index, 1, { ...rule, name: rule.name.trim(), replacement: rule.replacement?.trim() || null });
    save.mutate({ baseVersion: policy.version, rules }, { onSuccess: onClose });
  };
  return (
    <ModalForm title={name === null ? 'New rule' : `Edit ${name}`} action={name === null ? 'Create' : 'Save'} saving={save.isPending} error={save.error} onSubmit={submit} onClose={onClose}>
      <TextInput
        label="Name"
        description="What clients, metrics and the audit are told"
        required
        data-autofocus
        maxLength={40}
        value={rule.name}
        error={errors.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-testid="rule-name"
      />
      <Select
        label="Looks for"
        description={kinds[rule.kind].about}
        data={choices(kinds)}
        allowDeselect={false}
        value={rule.kind}
        error={errors.kind}
        onChange={(kind) => setRule(ofKind(rule, kind as GuardrailKind))}
      />
      <Fields rule={rule} errors={errors} onChange={set} />
      <Group grow align="flex-start" gap="sm">
        <Select
          label="What becomes of it"
          description={actions[rule.action].about}
          data={choices(actions, canMask(rule.kind) ? ['block', 'mask', 'flag'] : ['block', 'flag'])}
          allowDeselect={false}
          value={rule.action}
          error={errors.action}
          onChange={(action) => set({ action: action as GuardrailAction, replacement: action === 'mask' ? rule.replacement : null })}
        />
        <Select
          label="Reads"
          description="Which texts it is held against"
          data={choices(directions)}
          allowDeselect={false}
          value={rule.appliesTo}
          error={errors.appliesTo}
          onChange={(appliesTo) => set({ appliesTo: appliesTo as GuardrailDirection })}
        />
      </Group>
      {rule.action === 'mask' && (
        <TextInput
          label="Replaced by"
          placeholder="what it is, as [EMAIL]"
          maxLength={64}
          value={rule.replacement ?? ''}
          error={errors.replacement}
          onChange={(event) => set({ replacement: event.currentTarget.value })}
          data-testid="rule-replacement"
        />
      )}
    </ModalForm>
  );
}
