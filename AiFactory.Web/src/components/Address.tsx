import { CopyButton } from './CopyButton';
import styles from './Address.module.css';

/** A value to read and copy: an address, a digest, a key. */
export function Address({ value, shown = value, label }: { value: string; shown?: string; label: string }) {
  return (
    <span className={styles.address}>
      <code title={value}>{shown}</code>
      <CopyButton value={value} label={`Copy ${label}`} />
    </span>
  );
}
