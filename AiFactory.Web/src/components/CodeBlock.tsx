import { CopyButton } from './CopyButton';
import styles from './CodeBlock.module.css';

/** A command to paste, with its button. */
export function CodeBlock({ code, label, testId }: { code: string; label: string; testId?: string }) {
  return (
    <div className={styles.block}>
      <pre tabIndex={0} aria-label={label} data-testid={testId}>
        {code}
      </pre>
      <div className={styles.copy}>
        <CopyButton value={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
