import { Button, Select, Stack, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useEmbed, type Embeddings } from '../../api/embeddings';
import type { Deployment } from '../../api/types';
import { CodeBlock } from '../../components/CodeBlock';
import { curlCommand } from '../../components/curl';
import { Definitions } from '../../components/Definitions';
import { ErrorNotice } from '../../components/ErrorNotice';
import { formatNumber } from '../../components/format';
import { Panel } from '../../components/Panel';
import styles from './playground.module.css';
import { cosineSimilarity } from './similarity';

interface EmbedProps {
  project: string;
  ready: Deployment[];
  deployment: Deployment;
  onChoose: (name: string) => void;
}

/** One or two texts as vectors, and how alike the two are. */
export function Embed({ project, ready, deployment, onChoose }: EmbedProps) {
  const embed = useEmbed(project);
  const [first, setFirst] = useState('The furnace melts iron ore into steel.');
  const [second, setSecond] = useState('Metal is made in a blast furnace.');
  const input = [first, second].map((text) => text.trim()).filter((text) => text !== '');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (input.length > 0) {
      embed.mutate({ model: deployment.name, input });
    }
  };
  return (
    <div className={styles.columns}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Textarea label="First text" autosize minRows={3} value={first} onChange={(event) => setFirst(event.currentTarget.value)} data-testid="embed-first" />
          <Textarea label="Second text, to compare with" autosize minRows={3} value={second} onChange={(event) => setSecond(event.currentTarget.value)} data-testid="embed-second" />
          <div>
            <Button type="submit" loading={embed.isPending} disabled={input.length === 0} data-testid="embed">
              Embed
            </Button>
          </div>
          {embed.isError && <ErrorNotice error={embed.error} testId="playground-error" />}
          {embed.data && <EmbedResult result={embed.data} />}
        </Stack>
      </form>
      <div className={styles.side}>
        <Panel title="Settings">
          <Select
            label="Deployment"
            data={ready.map(({ name }) => name)}
            value={deployment.name}
            allowDeselect={false}
            onChange={(name) => name && onChoose(name)}
            data-testid="playground-deployment"
          />
        </Panel>
        <Panel title="The same with curl">
          <CodeBlock code={curlCommand(`${window.location.origin}/v1/embeddings`, { model: deployment.name, input })} label="curl command" testId="curl" />
        </Panel>
      </div>
    </div>
  );
}

function EmbedResult({ result: { vectors, promptTokens, milliseconds } }: { result: Embeddings }) {
  const [a, b] = vectors;
  return (
    <Panel title="Result" testId="embedding">
      <Definitions
        items={[
          ['Cosine similarity', a && b ? <b data-testid="similarity">{cosineSimilarity(a, b).toFixed(4)}</b> : null],
          ['Dimensions', <span data-testid="dimensions">{formatNumber(a?.length ?? 0)}</span>],
          ['Prompt tokens', formatNumber(promptTokens)],
          ['Took', `${Math.round(milliseconds)} ms`],
        ]}
      />
      {vectors.map((vector, index) => (
        <div key={index} className={styles.vector}>
          [{vector.slice(0, 8).map((value) => value.toFixed(4)).join(', ')}
          {vector.length > 8 && ', ...'}]
        </div>
      ))}
    </Panel>
  );
}
