import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { agentsQuery } from '../../api/builder/agents';
import { flowsQuery } from '../../api/builder/flows';
import { knowledgeBasesQuery } from '../../api/builder/knowledge';
import type { StepSetting } from '../../api/builder/types';
import { callableNames, deploymentsQuery, whyNotCallable } from '../../api/deployments';

interface SettingFieldProps {
  project: string;
  /** The flow that the step is of. */
  flow: string;
  setting: StepSetting;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** One field for each kind of setting that a step type may have. */
export function SettingField({ project, flow, setting, value, onChange, readOnly }: SettingFieldProps) {
  const { kind, title, required, help, options, min, max, name, default: usual } = setting;
  const placeholder = typeof usual === 'string' || typeof usual === 'number' ? String(usual) : undefined;
  const shared = { label: title, description: help, required, withAsterisk: required, disabled: readOnly, 'data-testid': `setting-${name}` };
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
  switch (kind) {
    case 'longText':
      return <Textarea {...shared} placeholder={placeholder} autosize minRows={3} maxRows={14} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'number':
      return (
        <NumberInput
          {...shared}
          placeholder={placeholder}
          min={min ?? undefined}
          max={max ?? undefined}
          step={max !== null && max <= 2 ? 0.1 : 1}
          value={typeof value === 'number' ? value : text}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'boolean':
      return <Switch {...shared} required={false} checked={(value ?? usual) === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'select':
      return <Select {...shared} placeholder={placeholder} data={options ?? []} value={text || null} clearable={!required} onChange={onChange} />;
    case 'json':
      return <JsonField {...shared} value={value} onChange={onChange} />;
    case 'model':
    case 'knowledgeBase':
    case 'agent':
    case 'flow':
      return <NamedField {...shared} project={project} flow={flow} kind={kind} value={text} onChange={onChange} />;
    default:
      return <TextInput {...shared} placeholder={placeholder} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}

type NamedKind = 'model' | 'knowledgeBase' | 'agent' | 'flow';

type Shared = { label: string; description: string | null; required: boolean; disabled: boolean };

function NamedField({ project, flow, kind, value, onChange, ...shared }: Shared & { project: string; flow: string; kind: NamedKind; value: string; onChange: (value: unknown) => void }) {
  const { names, loaded, whyNot } = useNames(project, flow, kind);
  const missing = value !== '' && loaded && !names.includes(value);
  return (
    <Select
      {...shared}
      searchable
      clearable={!shared.required}
      data={missing ? [value, ...names] : names}
      value={value || null}
      placeholder={loaded && names.length === 0 ? nothing[kind] : 'Choose'}
      error={missing ? (whyNot?.(value) ?? `${value} is not in this project`) : undefined}
      onChange={onChange}
    />
  );
}

const nothing = { model: 'No chat model is deployed', knowledgeBase: 'There is no knowledge base yet', agent: 'There is no agent yet', flow: 'There is no other flow yet' };

interface Names {
  names: string[];
  loaded: boolean;
  /** Why a name that was chosen is not offered, where more is known than that it is not there. */
  whyNot?: (name: string) => string | undefined;
}

function useNames(project: string, flow: string, kind: NamedKind): Names {
  const models = useQuery({ ...deploymentsQuery(project), refetchInterval: false, enabled: kind === 'model' });
  const bases = useQuery({ ...knowledgeBasesQuery(project), refetchInterval: false, enabled: kind === 'knowledgeBase' });
  const agents = useQuery({ ...agentsQuery(project), enabled: kind === 'agent' });
  const flows = useQuery({ ...flowsQuery(project), refetchInterval: false, enabled: kind === 'flow' });
  switch (kind) {
    case 'model':
      return { names: callableNames(models.data, 'chat'), loaded: models.isSuccess, whyNot: (name) => whyNotCallable(models.data, name) };
    case 'knowledgeBase':
      return { names: (bases.data ?? []).map(({ name }) => name), loaded: bases.isSuccess };
    case 'agent':
      return { names: (agents.data ?? []).map(({ name }) => name), loaded: agents.isSuccess };
    case 'flow':
      return {
        names: (flows.data ?? []).map(({ name }) => name).filter((name) => name !== flow),
        loaded: flows.isSuccess,
        whyNot: (name) => (name === flow ? 'A flow cannot run itself' : undefined),
      };
  }
}

/** Keeps what is typed until it is JSON; only then it becomes the value. */
function JsonField({ value, onChange, ...shared }: Shared & { value: unknown; onChange: (value: unknown) => void }) {
  const written = value === undefined || value === null ? '' : JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState<{ text: string; of: string } | null>(null);
  // An undo changes the value below the draft, and then the draft is over.
  const text = draft && draft.of === written ? draft.text : written;
  const [error, setError] = useState<string | null>(null);
  const change = (next: string) => {
    try {
      const parsed: unknown = next.trim() === '' ? null : JSON.parse(next);
      setError(null);
      setDraft({ text: next, of: parsed === null ? '' : JSON.stringify(parsed, null, 2) });
      onChange(parsed);
    } catch (caught) {
      setError(caught instanceof Error ? caught.message : String(caught));
      setDraft({ text: next, of: written });
    }
  };
  return (
    <Textarea
      {...shared}
      autosize
      minRows={2}
      maxRows={12}
      value={text}
      error={draft && draft.of === written ? error : null}
      onChange={(event) => change(event.currentTarget.value)}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
    />
  );
}
