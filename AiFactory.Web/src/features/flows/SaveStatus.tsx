import { Button } from '@mantine/core';
import { ApiError } from '../../api/problem';
import { IconAlertTriangle, IconCheck, IconLoader2 } from '../../components/icons';
import styles from './editor.module.css';
import type { SaveState } from './useAutosave';

interface SaveStatusProps {
  state: SaveState;
  revision: number;
  onRetry: () => void;
}

export function SaveStatus({ state, revision, onRetry }: SaveStatusProps) {
  return (
    <span className={styles.save} role="status" data-testid="save-state" data-state={state.kind}>
      {state.kind === 'saved' && (
        <>
          <IconCheck size={14} aria-hidden /> Revision {revision}
        </>
      )}
      {(state.kind === 'saving' || state.kind === 'dirty') && (
        <>
          <IconLoader2 size={14} className={styles.spin} aria-hidden /> Saving
        </>
      )}
      {state.kind === 'conflict' && (
        <span className={styles.bad}>
          <IconAlertTriangle size={14} aria-hidden /> Not saved
        </span>
      )}
      {state.kind === 'failed' && (
        <>
          <span className={styles.bad} title={state.error instanceof ApiError ? (state.error.detail ?? state.error.title) : String(state.error)}>
            <IconAlertTriangle size={14} aria-hidden /> Not saved
          </span>
          <Button variant="default" size="compact-xs" onClick={onRetry}>
            Retry
          </Button>
        </>
      )}
    </span>
  );
}
