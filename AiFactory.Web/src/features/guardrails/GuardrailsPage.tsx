import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { deploymentsQuery } from '../../api/deployments';
import { guardrailsQuery, useSaveGuardrails, type GuardrailLevel, type GuardrailPolicy } from '../../api/guardrails';
import { usePermission, useSession } from '../../api/session';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { DataTable, TableSkeleton } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { IconPlus, IconShieldCheck } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { showFailure } from '../../components/showFailure';
import { useProject } from '../../components/useProject';
import styles from './guardrails.module.css';
import { RuleModal } from './RuleModal';
import { RuleRow } from './RuleRow';
import { TryPanel } from './TryPanel';

const columns = ['On', 'Rule', 'Looks for', 'Does', 'Reads', ''];

export function GuardrailsPage() {
  const project = useProject();
  const { data: session } = useSession();
  const { data: deployments } = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  // The level is in the address, so that it can be linked to: ?of=factory, ?of=deployment/demo-chat.
  const [parameters, setParameters] = useSearchParams();
  const of = parameters.get('of') ?? 'project';
  const level: GuardrailLevel = of === 'factory' ? { project: null, deployment: null } : { project, deployment: of.startsWith('deployment/') ? of.slice('deployment/'.length) : null };
  const levels = [
    { group: 'Everything', items: [...(session?.factoryWide ? [{ value: 'factory', label: 'The whole factory' }] : []), { value: 'project', label: 'This project' }] },
    { group: 'One deployment', items: (deployments ?? []).map(({ name }) => ({ value: `deployment/${name}`, label: name })) },
  ];
  return (
    <>
      <PageHeader
        title="Guardrails"
        description="Rules that are held against what is said to models. Those of the factory, the project and the deployment hold together; the strictest that finds something wins."
        actions={
          <Select
            size="xs"
            w={200}
            aria-label="Rules of"
            data={levels.filter(({ items }) => items.length > 0)}
            value={of}
            allowDeselect={false}
            onChange={(value) => setParameters(value === null || value === 'project' ? {} : { of: value }, { replace: true })}
          />
        }
      />
      <Rules key={of} level={level} />
      <TryPanel key={`try ${project} ${of}`} project={project} deployment={level.deployment} />
    </>
  );
}

function Rules({ level }: { level: GuardrailLevel }) {
  const policy = useQuery(guardrailsQuery(level));
  return (
    <QueryView query={policy} skeleton={<TableSkeleton rows={3} />}>
      {(data) => <RuleTable level={level} policy={data} />}
    </QueryView>
  );
}

function RuleTable({ level, policy }: { level: GuardrailLevel; policy: GuardrailPolicy }) {
  const mayWrite = usePermission('guardrails.write');
  const save = useSaveGuardrails(level);
  const remove = useSaveGuardrails(level);
  // Undefined: no dialog; null: a new one.
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const [deleting, setDeleting] = useState<string | null>(null);
  const { rules, version } = policy;
  const toggle = (name: string, enabled: boolean) =>
    save.mutate({ baseVersion: version, rules: rules.map((rule) => (rule.name === name ? { ...rule, enabled } : rule)) }, { onError: showFailure('The rule was not changed') });
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing(null)} data-testid="new-rule">
      New rule
    </Button>
  );
  return (
    <>
      {rules.length === 0 ? (
        <EmptyState icon={IconShieldCheck} title="No rule here" action={create}>
          A rule finds personal data, secrets, words, patterns or too large requests, and blocks, masks or flags them.
        </EmptyState>
      ) : (
        <>
          <div className={styles.toolbar}>
            <span className={styles.quiet}>
              Version {version}
              {policy.updatedAt && (
                <>
                  , saved by {policy.updatedBy} <Ago at={policy.updatedAt} />
                </>
              )}
            </span>
            {create}
          </div>
          <DataTable label="Rules" columns={columns} minWidth={780}>
            {rules.map((rule) => (
              <RuleRow
                key={rule.name}
                rule={rule}
                mayWrite={mayWrite}
                saving={save.isPending}
                onToggle={(enabled) => toggle(rule.name, enabled)}
                onEdit={() => setEditing(rule.name)}
                onDelete={() => setDeleting(rule.name)}
              />
            ))}
          </DataTable>
        </>
      )}
      {editing !== undefined && <RuleModal level={level} policy={policy} name={editing} onClose={() => setEditing(undefined)} />}
      <ConfirmModal
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting ?? ''}?`}
        action="Delete rule"
        mutation={remove}
        variables={{ baseVersion: version, rules: rules.filter(({ name }) => name !== deleting) }}
      >
        What it found passes from then on.
      </ConfirmModal>
    </>
  );
}
