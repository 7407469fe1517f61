import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSaveNamed } from '../../api/builder/agents';
import type { Ruleset } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { ModalForm } from './ModalForm';
import type { NamedModalProps } from './NamedList';

export function RulesetModal({ project, item, onClose }: NamedModalProps<Ruleset>) {
  const save = useSaveNamed(project, 'rulesets');
  const [name, setName] = useState(item?.name ?? '');
  const [rules, setRules] = useState(item?.rules.join('\n') ?? '');
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const lines = rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (
    <ModalForm
      title={item ? `Edit ${item.name}` : 'New ruleset'}
      action={item ? 'Save' : 'Create'}
      saving={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ isNew: item === null, body: { name: name.trim(), rules: lines } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        required
        disabled={item !== null}
        maxLength={63}
        value={name}
        error={fields.name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-testid="ruleset-name"
      />
      <Textarea
        label="Rules"
        description="One on a line"
        placeholder="Do not give medical advice."
        required
        autosize
        minRows={4}
        maxRows={16}
        value={rules}
        error={fields.rules}
        onChange={(event) => setRules(event.currentTarget.value)}
        data-testid="ruleset-rules"
      />
    </ModalForm>
  );
}
