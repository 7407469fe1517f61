import { Button } from '@mantine/core';
import { memo } from 'react';
import { Link } from 'react-router';
import type { ThreadMessage, ThreadStep } from '../../api/builder/types';
import { Ago } from '../../components/Ago';
import { CitedText } from '../../components/CitedText';
import { CopyButton } from '../../components/CopyButton';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconRefresh } from '../../components/icons';
import { projectHref } from '../../components/useProject';
import styles from './threads.module.css';
import { stepName, type Pending } from './useThread';

export const MessageView = memo(function MessageView({ project, message, question }: { project: string; message: ThreadMessage; question: string }) {
  if (message.role === 'user') {
    return (
      <div className={styles.question} data-testid="question">
        {message.content}
      </div>
    );
  }
  return (
    <article className={styles.answer}>
      {message.steps && message.steps.length > 0 && <Steps steps={message.steps} />}
      <CitedText project={project} text={message.content} passages={message.passages ?? []} query={question} testId="answer" />
      <div className={styles.foot}>
        <CopyButton value={message.content} label="Copy answer" />
        <Ago at={message.createdAt} />
        {message.runId && (
          <Link to={projectHref(project, `runs/${message.runId}`)} className={styles.run}>
            How it was made
          </Link>
        )}
      </div>
    </article>
  );
});

/** What was done for an answer, and why a part of it failed. */
function Steps({ steps }: { steps: readonly ThreadStep[] }) {
  return (
    <ul className={styles.steps} aria-label="Steps">
      {steps.map((step) => (
        <li key={step.callId ?? stepName(step)}>
          {stepName(step)} <span className={styles.quiet}>{step.error ? `${step.state}: ${step.error}` : step.state}</span>
        </li>
      ))}
    </ul>
  );
}

/** The question that is being answered, or whose answer failed. */
export function PendingView({ pending, onRetry }: { pending: Pending; onRetry?: () => void }) {
  const running = pending.state === 'running';
  return (
    <>
      <div className={styles.question} data-testid="question">
        {pending.question}
      </div>
      <article className={styles.answer}>
        {pending.steps.length > 0 && (pending.answer === '' ? running : pending.steps.some((step) => step.error)) && <Steps steps={pending.steps} />}
        {(pending.answer !== '' || running) && (
          <div className={styles.growing} data-testid="answer">
            {pending.answer}
            {running && <span className={styles.caret} role="img" aria-label="The answer is being written" />}
          </div>
        )}
        {pending.state === 'failed' && <ErrorNotice error={pending.error} testId="thread-error" />}
        {pending.state === 'stopped' && <div className={styles.quiet}>stopped</div>}
        {onRetry && (
          <div className={styles.foot}>
            <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconRefresh size={13} />} onClick={onRetry} data-testid="thread-retry">
              Ask again
            </Button>
          </div>
        )}
      </article>
    </>
  );
}
