import type { ReactNode } from 'react';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from './icons';
import styles from './Notice.module.css';

const icons = { bad: IconCircleX, warn: IconAlertTriangle, info: IconInfoCircle };

interface NoticeProps {
  tone: keyof typeof icons;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  testId?: string;
}

/** A sentence that must not be missed. Errors are announced to screen readers. */
export function Notice({ tone, title, children, actions, testId }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'} data-testid={testId}>
      <Icon size={17} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <div className={styles.title}>{title}</div>
        {children && <div className={styles.text}>{children}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
