import { Checkbox, Group, Input, NumberInput, SimpleGrid, Switch, TagsInput, Textarea } from '@mantine/core';
import type { ComponentType } from 'react';
import type { GuardrailKind, GuardrailRule } from '../../api/guardrails';
import { entities, sizes } from './rules';

interface FieldsProps {
  rule: GuardrailRule;
  errors: Record<string, string>;
  onChange: (change: Partial<GuardrailRule>) => void;
}

function EntityFields({ rule, errors, onChange }: FieldsProps) {
  return (
    <Checkbox.Group label="Kinds" required error={errors.entities} value={rule.entities ?? []} onChange={(chosen) => onChange({ entities: chosen })}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={6} mt={6}>
        {Object.entries(entities).map(([value, label]) => (
          <Checkbox key={value} size="xs" iconColor="var(--surface)" value={value} label={label} />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}

function WordFields({ rule, errors, onChange }: FieldsProps) {
  return (
    <TagsInput
      label="Words and phrases"
      description="Enter or a comma ends one"
      required
      acceptValueOnBlur
      splitChars={[',']}
      maxTags={200}
      value={rule.words ?? []}
      error={errors.words}
      onChange={(words) => onChange({ words })}
      data-testid="rule-words"
    />
  );
}

function PatternFields({ rule, errors, onChange }: FieldsProps) {
  return (
    <>
      <Textarea
        label="Pattern"
        required
        autosize
        maxRows={6}
        placeholder="PROJ-\d{4,6}"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={rule.pattern ?? ''}
        error={errors.pattern}
        onChange={(event) => onChange({ pattern: event.currentTarget.value })}
        data-testid="rule-pattern"
      />
      <Switch label="In whatever case" checked={rule.ignoreCase} onChange={(event) => onChange({ ignoreCase: event.currentTarget.checked })} />
    </>
  );
}

function SizeFields({ rule, errors, onChange }: FieldsProps) {
  return (
    <Input.Wrapper error={errors.sizes}>
      <Group grow align="flex-end" gap="sm">
        {sizes.map(({ member, label }) => (
          <NumberInput
            key={member}
            label={label}
            min={1}
            allowDecimal={false}
            hideControls
            thousandSeparator=","
            value={rule.sizes?.[member] ?? ''}
            onChange={(value) => onChange({ sizes: { messages: null, characters: null, tokens: null, ...rule.sizes, [member]: value === '' ? null : Number(value) } })}
          />
        ))}
      </Group>
    </Input.Wrapper>
  );
}

const NoFields = () => null;

/** What a rule of each kind has besides what all have. */
export const kindFields: Record<GuardrailKind, ComponentType<FieldsProps>> = {
  pii: EntityFields,
  words: WordFields,
  pattern: PatternFields,
  injection: NoFields,
  size: SizeFields,
};
