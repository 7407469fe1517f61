import { NumberInput, Select, Slider, Stack, Text, Textarea } from '@mantine/core';
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
  temperature: number;
  onTemperature: (value: number) => void;
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
          <div>
            <div className={styles.sliderHead}>
              <Text size="sm" fw={500} id="temperature-label">
                Temperature
              </Text>
              <Text size="sm" c="dimmed">
                {props.temperature.toFixed(1)}
              </Text>
            </div>
            <Slider
              min={0}
              max={2}
              step={0.1}
              size={4}
              color="ember.6"
              label={null}
              value={props.temperature}
              onChange={props.onTemperature}
              thumbProps={{ 'aria-labelledby': 'temperature-label' }}
            />
          </div>
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
