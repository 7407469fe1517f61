import styles from './Brand.module.css';

/** A saw-tooth roof with a chimney, and the name. */
export function Brand() {
  return (
    <span className={styles.brand}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden className={styles.mark}>
        <path d="M1.5 18V8.2l5.6 3.4V8.2l5.6 3.4V2.5h5.8V18z" fill="currentColor" />
        <path d="M4.6 14h2.6v4H4.6zM10.2 14h2.6v4h-2.6z" fill="var(--surface-sunken)" />
      </svg>
      AiFactory
    </span>
  );
}
