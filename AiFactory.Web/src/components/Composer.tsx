import { Button, Textarea } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { IconEraser, IconPlayerStop, IconSend2 } from './icons';
import styles from './Composer.module.css';

interface ComposerProps {
  draft: string;
  onDraft: (draft: string) => void;
  running: boolean;
  onSend: () => void;
  onStop: () => void;
  onClear?: () => void;
  /** Begins the test ids of the field and its buttons. */
  testId: string;
}

const modifier = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

export function Composer({ draft, onDraft, running, onSend, onStop, onClear, testId }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!running && matchMedia('(pointer: fine)').matches) {
      field.current?.focus({ preventScroll: true });
    }
  }, [running]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onSend();
    } else if (event.key === 'Escape' && running) {
      onStop();
    }
  };
  return (
    <div className={styles.composer}>
      <Textarea
        ref={field}
        aria-label="Message"
        placeholder="Message"
        variant="unstyled"
        autosize
        minRows={2}
        maxRows={10}
        value={draft}
        onChange={(event) => onDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-testid={`${testId}-message`}
      />
      <div className={styles.composerFoot}>
        <span className={styles.hint}>{modifier} + Enter sends</span>
        {onClear && (
          <Button variant="subtle" color="gray" leftSection={<IconEraser size={14} />} onClick={onClear} data-testid={`${testId}-clear`}>
            Clear
          </Button>
        )}
        {running ? (
          <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={onStop} data-testid={`${testId}-stop`}>
            Stop
          </Button>
        ) : (
          <Button leftSection={<IconSend2 size={14} />} onClick={onSend} disabled={draft.trim() === ''} data-testid={`${testId}-send`}>
            Send
          </Button>
        )}
      </div>
    </div>
  );
}
