import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { keysQuery } from '../../api/keys';
import type { LimitScope } from '../../api/limits';
import { useProjects } from '../../api/projects';
import { usePermission } from '../../api/session';

interface OwnerFieldProps {
  project: string | null;
  scope: LimitScope;
  owner: string | null;
  disabled: boolean;
  error: string | undefined;
  onChange: (owner: string | null) => void;
}

/** Whom of its kind a limit is for: chosen where there is a list, else written. Nothing is each one, with an allowance of its own. */
export function OwnerField({ project, scope, owner, disabled, error, onChange }: OwnerFieldProps) {
  const mayReadKeys = usePermission('keys.read');
  const keys = useQuery({ ...keysQuery(project ?? ''), enabled: project !== null && scope === 'key' && mayReadKeys });
  const projects = useProjects();
  if (scope === 'factory' || (scope === 'project' && project !== null)) {
    return null;
  }
  const listed =
    scope === 'project'
      ? projects.data?.items.map(({ name }) => ({ value: name, label: name }))
      : keys.data?.items.filter((key) => key.revokedAt === null).map((key) => ({ value: key.id, label: `${key.name} (${key.prefix}...)` }));
  return scope !== 'user' && listed ? (
    <Select
      label="Which one"
      data={[{ value: '', label: `Each ${scope}, for itself` }, ...listed]}
      allowDeselect={false}
      searchable
      disabled={disabled}
      value={owner ?? ''}
      error={error}
      onChange={(value) => onChange(value || null)}
    />
  ) : (
    <TextInput
      label="Which one"
      placeholder={`each ${scope}, for itself`}
      description={disabled ? undefined : scope === 'user' ? 'As user:ada' : "The key's id"}
      disabled={disabled}
      value={owner ?? ''}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      data-testid="limit-owner"
    />
  );
}
