import { ActionIcon, Button, FileButton, Progress } from '@mantine/core';
import { useRef, useState, type DragEvent } from 'react';
import { ApiError } from '../../api/problem';
import { formatBytes } from '../../components/format';
import { IconCloudUpload, IconX } from '../../components/icons';
import styles from './knowledge.module.css';
import type { Upload } from './useUploads';

interface UploadAreaProps {
  uploads: readonly Upload[];
  onFiles: (files: readonly File[]) => void;
  onRetry: (id: number) => void;
  onDismiss: (id: number) => void;
}

const accept = '.txt,.md,.markdown,.html,.htm,.pdf,text/plain,text/markdown,text/html,application/pdf';

export function UploadArea({ uploads, onFiles, onRetry, onDismiss }: UploadAreaProps) {
  const [over, setOver] = useState(false);
  // Entering a child leaves the parent: only when all that was entered is left, the file is outside.
  const depth = useRef(0);
  const isFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    <div
      className={styles.drop}
      data-over={over || undefined}
      data-testid="drop"
      onDragEnter={(event) => {
        if (isFiles(event)) {
          depth.current += 1;
          setOver(true);
        }
      }}
      onDragOver={(event) => {
        if (isFiles(event)) {
          event.preventDefault();
          event.dataTransfer.dropEffect = 'copy';
        }
      }}
      onDragLeave={() => {
        depth.current -= 1;
        if (depth.current <= 0) {
          leave();
        }
      }}
      onDrop={(event) => {
        event.preventDefault();
        leave();
        onFiles([...event.dataTransfer.files]);
      }}
    >
      <div className={styles.dropLine}>
        <IconCloudUpload size={20} stroke={1.5} aria-hidden className={styles.dropIcon} />
        <span className={styles.dropText}>
          {over ? 'Let go to upload' : 'Drop documents here'}
          <span className={styles.quiet}> Text, Markdown, HTML or PDF. One of the same name takes the place of the former.</span>
        </span>
        <FileButton multiple accept={accept} onChange={(files) => onFiles(files)}>
          {(props) => (
            <Button variant="default" {...props} data-testid="upload">
              Choose files
            </Button>
          )}
        </FileButton>
      </div>
      {uploads.length > 0 && (
        <ul className={styles.uploads} aria-label="Uploads">
          {uploads.map((upload) => (
            <UploadLine key={upload.id} upload={upload} onRetry={() => onRetry(upload.id)} onDismiss={() => onDismiss(upload.id)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function UploadLine({ upload, onRetry, onDismiss }: { upload: Upload; onRetry: () => void; onDismiss: () => void }) {
  const { file, state, progress, error } = upload;
  const percent = Math.round(progress * 100);
  return (
    <li className={styles.upload} data-testid="uploading" data-state={state}>
      <div className={styles.uploadHead}>
        <span className={styles.uploadName}>{file.name}</span>
        <span className={styles.quiet}>
          {formatBytes(file.size)}
          {state === 'sending' && (percent < 100 ? `, ${percent}%` : ', being stored')}
          {state === 'waiting' && ', waiting'}
        </span>
        {state === 'failed' && (
          <Button variant="default" size="compact-xs" onClick={onRetry}>
            Retry
          </Button>
        )}
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={state === 'failed' ? `Dismiss ${file.name}` : `Stop ${file.name}`} onClick={onDismiss}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {state === 'sending' && <Progress value={percent} size={3} color="ember.6" animated={percent === 100} aria-label={`Upload of ${file.name}`} />}
      {state === 'failed' && (
        <div className={styles.error} role="alert">
          {error instanceof ApiError ? (error.detail ?? error.title) : String(error)}
        </div>
      )}
    </li>
  );
}
