import { Button } from '@mantine/core';
import { memo } from 'react';
import { CopyButton } from '../../components/CopyButton';
import { ErrorNotice } from '../../components/ErrorNotice';
import { formatNumber } from '../../components/format';
import { IconRefresh } from '../../components/icons';
import styles from './playground.module.css';
import { completionTokens, isRunning, timeToFirstToken, tokensPerSecond, type Turn } from './turn';

interface TurnViewProps {
  turn: Turn;
  onRetry?: () => void;
}

export const TurnView = memo(function TurnView({ turn, onRetry }: TurnViewProps) {
  const running = isRunning(turn);
  return (
    <article className={styles.turn}>
      <div className={styles.question} data-testid="question">
        {turn.question}
      </div>
      {(turn.answer !== '' || running) && (
        <div className={styles.answer} data-testid="answer" data-status={turn.status}>
          {turn.answer}
          {running && <span className={styles.caret} aria-label="The model is answering" role="img" />}
        </div>
      )}
      {turn.status === 'failed' && <ErrorNotice error={turn.error} testId="playground-error" />}
      {turn.status === 'done' && turn.answer === '' && <div className={styles.hint}>The model ended its answer without a word.</div>}
      <div className={styles.turnFoot}>
        <Stats turn={turn} />
        {!running && turn.answer !== '' && <CopyButton value={turn.answer} label="Copy answer" />}
        {onRetry && (
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconRefresh size={13} />} onClick={onRetry} data-testid="playground-retry">
            Retry
          </Button>
        )}
      </div>
    </article>
  );
});

function Stats({ turn }: { turn: Turn }) {
  const first = timeToFirstToken(turn);
  const speed = tokensPerSecond(turn);
  const ending = turn.status === 'stopped' ? 'stopped' : turn.finishReason === 'length' ? 'cut at max tokens' : null;
  return (
    <dl className={styles.stats} data-testid="stats">
      {speed !== null && (
        <div>
          <dt>Speed</dt>
          <dd data-testid="tokens-per-second">{speed >= 100 ? Math.round(speed) : speed.toFixed(1)} tokens/s</dd>
        </div>
      )}
      {first !== null && (
        <div>
          <dt>First token</dt>
          <dd data-testid="time-to-first-token">{first < 1000 ? `${Math.round(first)} ms` : `${(first / 1000).toFixed(2)} s`}</dd>
        </div>
      )}
      {turn.usage && (
        <div>
          <dt>Prompt</dt>
          <dd data-testid="prompt-tokens">{formatNumber(turn.usage.promptTokens)}</dd>
        </div>
      )}
      {completionTokens(turn) > 0 && (
        <div>
          <dt>Completion</dt>
          <dd data-testid="completion-tokens">
            {turn.usage ? '' : '~'}
            {formatNumber(completionTokens(turn))}
          </dd>
        </div>
      )}
      {ending && <div className={styles.ending}>{ending}</div>}
    </dl>
  );
}
