import { ActionIcon, Button, Group, Input, Select, TextInput } from '@mantine/core';
import type { RulesetCheck } from '../../api/builder/types';
import { IconPlus, IconTrash } from '../../components/icons';

/** The kinds of checks, with a value that each takes. */
const kinds: readonly { value: RulesetCheck['kind']; label: string; example: string }[] = [
  { value: 'forbidden_words', label: 'Has none of the words', example: 'guarantee, money back' },
  { value: 'forbidden_pattern', label: 'Does not match', example: '\\d{4}' },
  { value: 'required_pattern', label: 'Matches', example: '\\[\\d+\\]' },
  { value: 'max_characters', label: 'Characters at most', example: '500' },
];

interface CheckListProps {
  checks: readonly RulesetCheck[];
  /** By field, as the builder names them: `checks[0]` is the first check. */
  errors: Record<string, string>;
  onChange: (checks: RulesetCheck[]) => void;
}

export function CheckList({ checks, errors, onChange }: CheckListProps) {
  const set = (index: number, change: Partial<RulesetCheck>) => onChange(checks.map((check, at) => (at === index ? { ...check, ...change } : check)));
  return (
    <Input.Wrapper label="Checks" description="What an answer is held to when it is there. It is shown when it has passed, not word by word." error={errors.checks}>
      {checks.map((check, index) => (
        <Group key={index} gap="xs" mt={6} wrap="nowrap" align="flex-start" data-testid={`check-${index + 1}`}>
          <Select
            aria-label={`Kind of check ${index + 1}`}
            data={kinds}
            value={check.kind}
            allowDeselect={false}
            w={210}
            onChange={(kind) => set(index, { kind: (kind ?? check.kind) as RulesetCheck['kind'] })}
          />
          <TextInput
            aria-label={`Value of check ${index + 1}`}
            placeholder={kinds.find(({ value }) => value === check.kind)?.example}
            required
            flex={1}
            value={check.value}
            error={errors[`checks[${index}]`]}
            onChange={(event) => set(index, { value: event.currentTarget.value })}
          />
          <ActionIcon variant="subtle" color="gray" mt={4} aria-label={`Remove check ${index + 1}`} onClick={() => onChange(checks.filter((_, at) => at !== index))}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button mt={8} size="compact-sm" variant="default" leftSection={<IconPlus size={13} />} onClick={() => onChange([...checks, { kind: 'forbidden_words', value: '' }])} data-testid="add-check">
        Add check
      </Button>
    </Input.Wrapper>
  );
}
