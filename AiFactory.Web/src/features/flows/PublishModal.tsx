import { Button, Group, Modal, Stack, Tabs, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { publishedQuery, usePublish, useUnpublish } from '../../api/builder/flows';
import type { FlowProblem } from '../../api/builder/types';
import { ApiError } from '../../api/problem';
import { Address } from '../../components/Address';
import { CodeBlock } from '../../components/CodeBlock';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Notice } from '../../components/Notice';
import styles from './flows.module.css';
import { curlSnippet, openaiSnippet } from './snippets';

interface PublishModalProps {
  project: string;
  flow: string;
  revision: number;
  /** Its steps run other flows, which are published with it as they are then: the same revision may well be published again. */
  runsFlows: boolean;
  problems: readonly FlowProblem[];
  /** Stores what is on the canvas; false when it could not be stored. */
  onBefore: () => Promise<boolean>;
  onClose: () => void;
}

export function PublishModal({ project, flow, revision, runsFlows, problems, onBefore, onClose }: PublishModalProps) {
  const published = useQuery(publishedQuery(project));
  const publish = usePublish(project, flow);
  const unpublish = useUnpublish(project);
  const [typed, setTyped] = useState<string | null>(null);
  const current = published.data?.find((each) => each.flow === flow);
  const alias = typed ?? current?.alias ?? flow;
  const error = publish.error ?? unpublish.error;
  const fields = publish.error instanceof ApiError ? publish.error.fields : {};
  const upToDate = !runsFlows && current !== undefined && current.alias === alias && current.revision === revision;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await onBefore()) {
      publish.mutate({ alias: alias.trim(), revision: null });
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Publish ${flow}`} size="lg">
      <Stack gap="md">
        {error && <ErrorNotice error={error} />}
        {published.isError && <ErrorNotice error={published.error} onRetry={() => void published.refetch()} />}
        {problems.length > 0 && (
          <Notice tone="warn" title="Not ready to publish">
            {problems.length === 1 ? problems[0]?.message : `${problems.length} problems stand in the way.`}
          </Notice>
        )}
        <form onSubmit={(event) => void submit(event)}>
          <TextInput
            label="Model name"
            description="What clients send as model"
            leftSection="flow/"
            leftSectionWidth={44}
            required
            maxLength={63}
            value={alias}
            error={fields.alias}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="publish-alias"
          />
          <Group justify="space-between" gap="xs" mt="sm">
            <span className={styles.quiet} data-testid="published">
              {current ? `Revision ${current.revision} answers as ${current.model}` : 'Not published'}
            </span>
            <Group gap="xs">
              {current && (
                <Button variant="default" loading={unpublish.isPending} onClick={() => unpublish.mutate(current.alias)}>
                  Take back
                </Button>
              )}
              <Button type="submit" loading={publish.isPending} disabled={alias.trim() === '' || upToDate || problems.length > 0} data-testid="confirm-publish">
                Publish revision {revision}
              </Button>
            </Group>
          </Group>
        </form>
        {current && (
          <div>
            <Group justify="space-between" mb={8}>
              <Address value={current.model} label="model name" />
            </Group>
            <Tabs defaultValue="curl">
              <Tabs.List mb="xs">
                <Tabs.Tab value="curl">curl</Tabs.Tab>
                <Tabs.Tab value="openai">npm openai</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="curl">
                <CodeBlock code={curlSnippet(current.model)} label="curl command" testId="snippet-curl" />
              </Tabs.Panel>
              <Tabs.Panel value="openai">
                <CodeBlock code={openaiSnippet(current.model)} label="openai snippet" testId="snippet-openai" />
              </Tabs.Panel>
            </Tabs>
          </div>
        )}
      </Stack>
    </Modal>
  );
}
