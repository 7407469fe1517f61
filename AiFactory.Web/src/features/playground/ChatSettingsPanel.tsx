import { NumberInput, Select, Stack, Textarea } from '@mantine/core';
import type { Deployment } from '../../api/types';
import { CodeBlock } from '../../components/CodeBlock';
import { Panel } from '../../components/Panel';
import styles from './playground.module.css';

interface ChatSettingsPanelProps {
  ready: Deployment[];
  deployment: Deployment;
  onChoose: (name: string) => void;
  system: string;
  onSystem: (text: string) => void;
  temperature: number | null;
  onTemperature: (value: number | null) => void;
  maxTokens: number | null;
  onMaxTokens: (value: number | null) => void;
  curl: string;
}

export function ChatSettingsPanel(props: ChatSettingsPanelProps) {
  return (
    <div className={styles.side}>
      <Panel title="Settings">
        <Stack gap="md">
          <Select
            label="Deployment"
            data={props.ready.map(({ name }) => name)}
            value={props.deployment.name}
            allowDeselect={false}
            onChange={(name) => name && props.onChoose(name)}
            data-testid="playground-deployment"
          />
          <Textarea
            label="System prompt"
            placeholder="How the model should behave"
            autosize
            minRows={2}
            maxRows={8}
            value={props.system}
            onChange={(event) => props.onSystem(event.currentTarget.value)}
          />
          <NumberInput
            label="Temperature"
            placeholder="the model's own"
            min={0}
            max={2}
            step={0.1}
            decimalScale={2}
            value={props.temperature ?? ''}
            onChange={(value) => props.onTemperature(value === '' ? null : Number(value))}
          />
          <NumberInput
            label="Max tokens"
            placeholder="until the model ends"
            min={1}
            allowDecimal={false}
            thousandSeparator=","
            value={props.maxTokens ?? ''}
            onChange={(value) => props.onMaxTokens(value === '' ? null : Number(value))}
          />
        </Stack>
      </Panel>
      <Panel title="The same with curl">
        <CodeBlock code={props.curl} label="curl command" testId="curl" />
      </Panel>
    </div>
  );
}
