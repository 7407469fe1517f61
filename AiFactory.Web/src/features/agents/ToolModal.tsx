import { Group, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSaveNamed } from '../../api/builder/agents';
import type { Tool } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { headersText, parseHeaders, parseSchema } from './toolForm';
import { ModalForm } from '../../components/ModalForm';
import type { NamedModalProps } from './NamedList';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const example = JSON.stringify({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }, null, 2);
const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } };

export function ToolModal({ project, item, onClose }: NamedModalProps<Tool>) {
  const save = useSaveNamed(project, 'tools');
  const [form, setForm] = useState({
    name: item?.name ?? '',
    description: item?.description ?? '',
    method: item?.method ?? 'GET',
    url: item?.url ?? '',
    timeoutSeconds: item?.timeoutSeconds ?? 15,
    parameters: item ? JSON.stringify(item.parameters, null, 2) : example,
    headers: headersText(item?.headers ?? {}),
  });
  const set = (change: Partial<typeof form>) => setForm((current) => ({ ...current, ...change }));
  const [touched, setTouched] = useState(false);
  const schema = parseSchema(form.parameters);
  const headers = parseHeaders(form.headers);
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const submit = () => {
    setTouched(true);
    if ('value' in schema && 'value' in headers) {
      save.mutate(
        {
          isNew: item === null,
          body: {
            name: form.name.trim(),
            description: form.description.trim(),
            kind: 'http',
            method: form.method,
            url: form.url.trim(),
            timeoutSeconds: form.timeoutSeconds,
            parameters: schema.value,
            headers: headers.value,
          },
        },
        { onSuccess: onClose },
      );
    }
  };
  return (
    <ModalForm title={item ? `Edit ${item.name}` : 'New tool'} action={item ? 'Save' : 'Create'} saving={save.isPending} error={save.error} onSubmit={submit} onClose={onClose}>
      <TextInput
        label="Name"
        description="What the model calls it by"
        required
        disabled={item !== null}
        maxLength={64}
        value={form.name}
        error={fields.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-testid="tool-name"
      />
      <TextInput
        label="Description"
        description="The model decides by it when to call"
        required
        value={form.description}
        error={fields.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <Select label="Method" w={110} data={methods} value={form.method} allowDeselect={false} error={fields.method} onChange={(method) => method && set({ method })} />
        <TextInput
          label="Address"
          placeholder="https://weather.example/v1/{city}"
          required
          flex={1}
          value={form.url}
          error={fields.url}
          onChange={(event) => set({ url: event.currentTarget.value })}
          data-testid="tool-url"
        />
        <NumberInput
          label="Timeout"
          suffix=" s"
          w={100}
          min={1}
          max={60}
          allowDecimal={false}
          value={form.timeoutSeconds}
          error={fields.timeoutSeconds}
          onChange={(value) => set({ timeoutSeconds: Number(value) })}
        />
      </Group>
      <Textarea
        label="Arguments"
        description="A JSON schema; {names} in the address are taken from the arguments, {{secret.github}} behind its host is a secret"
        autosize
        minRows={4}
        maxRows={14}
        styles={mono}
        value={form.parameters}
        error={fields.parameters ?? (touched && 'error' in schema ? schema.error : undefined)}
        onChange={(event) => set({ parameters: event.currentTarget.value })}
      />
      <Textarea
        label="Headers"
        description="One on a line, Name: value; a secret by its name, Authorization: Bearer {{secret.github}}"
        autosize
        minRows={1}
        maxRows={8}
        styles={mono}
        value={form.headers}
        error={fields.headers ?? (touched && 'error' in headers ? headers.error : undefined)}
        onChange={(event) => set({ headers: event.currentTarget.value })}
      />
    </ModalForm>
  );
}
