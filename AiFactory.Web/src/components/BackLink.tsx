import type { ReactNode } from 'react';
import { Link } from 'react-router';
import styles from './BackLink.module.css';
import { IconChevronLeft } from './icons';

export function BackLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={styles.back}>
      <IconChevronLeft size={14} aria-hidden />
      {children}
    </Link>
  );
}
