import { MultiSelect, TagsInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deploymentsQuery } from '../../api/deployments';
import type { KeyScope } from '../../api/types';
import { isLimited, operations } from './scope';

interface ScopeFieldsProps {
  project: string;
  scope: KeyScope;
  onChange: (scope: KeyScope) => void;
  /** What the library complained of, by field. */
  fields: Record<string, string>;
}

/** Which models a key may call and how; nothing chosen is everything. */
export function ScopeFields({ project, scope, onChange, fields }: ScopeFieldsProps) {
  const { data: deployments } = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  return (
    <>
      <TagsInput
        label="Models"
        description="Names or patterns, as demo-* or flow/*; none is all"
        placeholder={scope.models.length === 0 ? 'All models' : undefined}
        data={[...new Set(deployments?.map(({ name }) => name))]}
        value={scope.models}
        error={fields['scope.models'] ?? fields.scope}
        onChange={(models) => onChange({ ...scope, models })}
        acceptValueOnBlur
        splitChars={[',', ' ']}
        maxTags={50}
        data-testid="key-models"
      />
      <MultiSelect
        label="Operations"
        placeholder={scope.operations.length === 0 ? 'All operations' : undefined}
        data={operations}
        value={scope.operations}
        error={fields['scope.operations']}
        onChange={(chosen) => onChange({ ...scope, operations: chosen })}
        data-testid="key-operations"
      />
      {isLimited(scope) && (
        <Text size="xs" c="dimmed">
          A key with such a limit calls models and does nothing else, whatever its roles are: it manages nothing, and nobody signs in with it.
        </Text>
      )}
    </>
  );
}
