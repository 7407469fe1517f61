import { useMemo, useState } from 'react';
import { chatBody } from '../../api/chat';
import type { Deployment } from '../../api/types';
import { Composer } from '../../components/Composer';
import { curlCommand } from '../../components/curl';
import { useFollow } from '../../components/useFollow';
import { ChatSettingsPanel } from './ChatSettingsPanel';
import styles from './playground.module.css';
import { Suggestions, type Suggestion } from './Suggestions';
import { TurnView } from './TurnView';
import { chatRequest, useChat } from './useChat';

interface ChatProps {
  project: string;
  ready: Deployment[];
  deployment: Deployment;
  onChoose: (name: string) => void;
}

export function Chat({ project, ready, deployment, onChoose }: ChatProps) {
  const [system, setSystem] = useState('');
  const [temperature, setTemperature] = useState<number | null>(null);
  const [maxTokens, setMaxTokens] = useState<number | null>(256);
  const [draft, setDraft] = useState('');
  const settings = useMemo(
    () => ({ model: deployment.name, system, temperature, maxTokens }),
    [deployment.name, system, temperature, maxTokens],
  );
  const { turns, running, send, retry, stop, clear } = useChat(project, settings);
  const talk = useFollow(turns, turns.length > 0);

  const ask = (question: string) => {
    if (!running && question.trim() !== '') {
      send(question.trim());
      setDraft('');
    }
  };
  const pick = ({ text, system: wanted = system }: Suggestion) => {
    setSystem(wanted);
    send(text, { ...settings, system: wanted });
  };
  // The call that the button would make, or, with nothing typed, the one that was made last.
  const typed = draft.trim();
  const shown = typed !== '' || turns.length === 0 ? { before: turns, question: typed || 'Hello!' } : { before: turns.slice(0, -1), question: turns.at(-1)?.question ?? '' };
  const curl = curlCommand(`${window.location.origin}/v1/chat/completions`, chatBody(chatRequest(settings, shown.before, shown.question)), true);

  return (
    <div className={styles.columns}>
      <div className={styles.talk} ref={talk}>
        {turns.length === 0 ? (
          <Suggestions model={deployment.name} onPick={pick} />
        ) : (
          <div className={styles.turns} role="log" aria-label="Conversation" aria-busy={running}>
            {turns.map((turn, index) => (
              <TurnView key={turn.id} turn={turn} onRetry={index === turns.length - 1 && !running ? retry : undefined} />
            ))}
          </div>
        )}
        <Composer draft={draft} onDraft={setDraft} running={running} onSend={() => ask(draft)} onStop={stop} onClear={turns.length > 0 ? clear : undefined} testId="playground" />
      </div>
      <ChatSettingsPanel
        ready={ready}
        deployment={deployment}
        onChoose={onChoose}
        system={system}
        onSystem={setSystem}
        temperature={temperature}
        onTemperature={setTemperature}
        maxTokens={maxTokens}
        onMaxTokens={setMaxTokens}
        curl={curl}
      />
    </div>
  );
}
