import { Button } from '@mantine/core';
import { ApiError } from '../api/problem';
import styles from './ErrorNotice.module.css';
import { Notice } from './Notice';

interface ErrorNoticeProps {
  error: unknown;
  onRetry?: () => void;
  testId?: string;
}

/** What is not there, or not allowed, is no sooner there for being asked again. */
const isFinal = (error: unknown) => error instanceof ApiError && (error.status === 404 || error.status === 403);

export function ErrorNotice({ error, onRetry, testId = 'error' }: ErrorNoticeProps) {
  const title = error instanceof ApiError ? error.title : 'Something went wrong in this page';
  const detail = error instanceof ApiError ? error.detail : error instanceof Error ? error.message : String(error);
  const requestId = error instanceof ApiError && error.status >= 500 ? error.requestId : null;
  return (
    <Notice
      tone="bad"
      title={title}
      testId={testId}
      actions={
        onRetry &&
        !isFinal(error) && (
          <Button variant="default" size="compact-xs" onClick={onRetry}>
            Retry
          </Button>
        )
      }
    >
      {detail !== title && detail}
      {requestId && <div className={styles.request}>Request {requestId}</div>}
    </Notice>
  );
}
