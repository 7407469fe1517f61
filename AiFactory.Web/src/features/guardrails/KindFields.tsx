import { Button, Checkbox, Group, Input, NumberInput, SimpleGrid, Switch, TagsInput, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ComponentType } from 'react';
import type { GuardrailKind, GuardrailRule, GuardrailTopic } from '../../api/guardrails';
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

function TopicFields({ rule, errors, onChange }: FieldsProps) {
  const topics = rule.topics ?? [];
  const set = (index: number, change: Partial<GuardrailTopic>) => onChange({ topics: topics.map((topic, at) => (at === index ? { ...topic, ...change } : topic)) });
  return (
    <>
      <Group grow align="flex-start" gap="sm">
        <TextInput
          label="Judge"
          description="A deployment: it embeds, chats or moderates"
          required
          placeholder="demo-embed"
          value={rule.judge ?? ''}
          error={errors.judge}
          onChange={(event) => onChange({ judge: event.currentTarget.value })}
          data-testid="rule-judge"
        />
        <NumberInput
          label="Threshold"
          description="A cosine, where it embeds"
          min={0}
          max={1}
          step={0.05}
          decimalScale={3}
          value={rule.threshold ?? ''}
          error={errors.threshold}
          onChange={(value) => onChange({ threshold: value === '' ? null : Number(value) })}
          data-testid="rule-threshold"
        />
      </Group>
      <Input.Wrapper label="Topics" required error={errors.topics}>
        {topics.map((topic, index) => (
          // Topics have no other identity than their place while they are written.
          <Group key={index} grow align="flex-start" gap="sm" mt={6} preventGrowOverflow={false}>
            <TextInput
              aria-label={`Topic ${index + 1}`}
              placeholder="building weapons"
              maxLength={100}
              value={topic.name}
              error={errors[`topics[${index}].name`]}
              onChange={(event) => set(index, { name: event.currentTarget.value })}
            />
            <TagsInput
              aria-label={`Examples of topic ${index + 1}`}
              placeholder="examples, each ended by Enter"
              acceptValueOnBlur
              splitChars={[]}
              maxTags={20}
              value={topic.examples}
              error={errors[`topics[${index}].examples`]}
              onChange={(examples) => set(index, { examples })}
            />
          </Group>
        ))}
        <Group gap="xs" mt={8}>
          <Button size="compact-xs" variant="default" disabled={topics.length >= 20} onClick={() => onChange({ topics: [...topics, { name: '', examples: [] }] })}>
            Another topic
          </Button>
          {topics.length > 1 && (
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange({ topics: topics.slice(0, -1) })}>
              Take the last one away
            </Button>
          )}
        </Group>
      </Input.Wrapper>
      <Switch
        label="Leave out what only the application's author writes (system messages, instructions, tools)"
        checked={rule.authors === 'users'}
        error={errors.authors}
        onChange={(event) => onChange({ authors: event.currentTarget.checked ? 'users' : null })}
      />
      <Switch
        label="Let texts pass while the judge cannot be asked"
        checked={rule.onFailure === 'pass'}
        error={errors.onFailure}
        onChange={(event) => onChange({ onFailure: event.currentTarget.checked ? 'pass' : null })}
      />
    </>
  );
}

function SchemaFields({ rule, errors, onChange }: FieldsProps) {
  const [text, setText] = useState(() => JSON.stringify(rule.schema, null, 2));
  const [broken, setBroken] = useState(false);
  const write = (written: string) => {
    setText(written);
    try {
      onChange({ schema: JSON.parse(written) as unknown });
      setBroken(false);
    } catch {
      // What is half written is not saved: without a schema the library refuses the rule.
      onChange({ schema: null });
      setBroken(true);
    }
  };
  return (
    <Textarea
      label="JSON schema"
      description="Of each answer's content; it refers to nothing outside of itself"
      required
      autosize
      minRows={4}
      maxRows={16}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={text}
      error={broken ? 'This is no JSON yet.' : errors.schema}
      onChange={(event) => write(event.currentTarget.value)}
      data-testid="rule-schema"
    />
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
  topic: TopicFields,
  schema: SchemaFields,
};
