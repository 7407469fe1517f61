import type { ReactNode } from 'react';
import styles from './Panel.module.css';

interface PanelProps {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without padding, for lists that reach the frame. */
  flush?: boolean;
  testId?: string;
}

export function Panel({ title, actions, children, flush, testId }: PanelProps) {
  return (
    <section className={styles.panel} data-testid={testId}>
      <div className={styles.head}>
        <h2>{title}</h2>
        {actions}
      </div>
      <div className={flush ? undefined : styles.body}>{children}</div>
    </section>
  );
}
