import { Button, Group, Select, Stack, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTryGuardrails, type GuardrailTrial } from '../../api/guardrails';
import { ApiError } from '../../api/problem';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Panel } from '../../components/Panel';
import { StateBadge } from '../../components/StateBadge';
import styles from './guardrails.module.css';

const readings: { value: GuardrailTrial['appliesTo']; label: string }[] = [
  { value: 'input', label: 'as a request' },
  { value: 'output', label: 'as an answer' },
];

/** What all rules that hold for callers of the project, of every level, would make of a text. */
export function TryPanel({ project, deployment }: { project: string; deployment: string | null }) {
  const attempt = useTryGuardrails();
  const [text, setText] = useState('');
  const [appliesTo, setAppliesTo] = useState<GuardrailTrial['appliesTo']>('input');
  const error = attempt.error instanceof ApiError ? attempt.error.fields.text : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate({ text, appliesTo, project, deployment });
  };
  return (
    <div className={styles.try}>
      <Panel title="Try a text">
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Textarea
              aria-label="Text"
              placeholder="Write to ada@example.com about it."
              autosize
              minRows={2}
              maxRows={10}
              value={text}
              error={error}
              onChange={(event) => setText(event.currentTarget.value)}
              data-testid="try-text"
            />
            <Group gap="xs">
              <Select size="xs" w={140} aria-label="Read" data={readings} value={appliesTo} allowDeselect={false} onChange={(value) => setAppliesTo(value as GuardrailTrial['appliesTo'])} />
              <Button type="submit" variant="default" loading={attempt.isPending} disabled={text === ''} data-testid="try">
                Try
              </Button>
              <span className={styles.quiet}>All rules that hold for callers of this project{deployment === null ? '' : ` and ${deployment}`}, as they were last published.</span>
            </Group>
            {attempt.isError && !error && <ErrorNotice error={attempt.error} />}
            {attempt.data && (
              <div role="status" data-testid="try-result">
                <Group gap={8}>
                  <StateBadge state={attempt.data.outcome} />
                  {attempt.data.found.map((mark) => (
                    <code key={mark} className={styles.code}>
                      {mark}
                    </code>
                  ))}
                </Group>
                <div className={styles.answer}>{attempt.data.text ?? attempt.data.message}</div>
              </div>
            )}
          </Stack>
        </form>
      </Panel>
    </div>
  );
}
