import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSaveNamed } from '../../api/builder/agents';
import type { Ruleset } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { CheckList } from './CheckList';
import { ModalForm } from '../../components/ModalForm';
import styles from './agents.module.css';
import type { NamedModalProps } from './NamedList';

export function RulesetModal({ project, item, onClose }: NamedModalProps<Ruleset>) {
  const save = useSaveNamed(project, 'rulesets');
  const [name, setName] = useState(item?.name ?? '');
  const [rules, setRules] = useState(item?.rules.join('\n') ?? '');
  const [checks, setChecks] = useState(item?.checks ?? []);
  const [onViolation, setOnViolation] = useState(item?.onViolation ?? 'reject');
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
      onSubmit={() => save.mutate({ isNew: item === null, body: { name: name.trim(), rules: lines, checks, onViolation } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {item?.version !== undefined && (
        <div className={styles.quiet} data-testid="ruleset-version">
          This is version {item.version}; saving makes version {item.version + 1}. What names {item.name}@{item.version} keeps this one.
        </div>
      )}
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
        description="One on a line; the model is told them"
        placeholder="Do not give medical advice."
        autosize
        minRows={4}
        maxRows={16}
        value={rules}
        error={ruleErrors(fields)}
        onChange={(event) => setRules(event.currentTarget.value)}
        data-testid="ruleset-rules"
      />
      <CheckList checks={checks} errors={fields} onChange={setChecks} />
      {checks.length > 0 && (
        <Select
          label="An answer that does not pass"
          data={[
            { value: 'reject', label: 'is rejected' },
            { value: 'retry', label: 'is asked for once more, with what was wrong' },
          ]}
          value={onViolation}
          allowDeselect={false}
          error={fields.onViolation}
          onChange={(value) => setOnViolation(value === 'retry' ? 'retry' : 'reject')}
        />
      )}
    </ModalForm>
  );
}

/** The builder names a rule by its place: `rules[1]`. */
function ruleErrors(fields: Record<string, string>): string | undefined {
  const errors = Object.entries(fields).filter(([field]) => /^rules(\[\d+\])?$/.test(field));
  return errors.map(([, error]) => error).join(' ') || undefined;
}
