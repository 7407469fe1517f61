import { Button } from '@mantine/core';
import { ApiError } from '../api/problem';
import { Notice } from './Notice';

interface ErrorNoticeProps {
  error: unknown;
  onRetry?: () => void;
  testId?: string;
}

export function ErrorNotice({ error, onRetry, testId = 'error' }: ErrorNoticeProps) {
  const title = error instanceof ApiError ? error.title : 'Something went wrong in this page';
  const detail = error instanceof ApiError ? error.detail : error instanceof Error ? error.message : String(error);
  return (
    <Notice
      tone="bad"
      title={title}
      testId={testId}
      actions={
        onRetry && (
          <Button variant="default" size="compact-xs" onClick={onRetry}>
            Retry
          </Button>
        )
      }
    >
      {detail !== title && detail}
    </Notice>
  );
}
