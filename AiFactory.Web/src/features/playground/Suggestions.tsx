import { UnstyledButton } from '@mantine/core';
import styles from './playground.module.css';

const suggestions = [
  'Say hello, and tell me in one sentence what you are.',
  'Write a haiku about a factory at night.',
  'Explain quantisation to someone who knows what a byte is.',
  'List three things to check before a model goes into production.',
];

export function Suggestions({ model, onPick }: { model: string; onPick: (text: string) => void }) {
  return (
    <div className={styles.start}>
      <div className={styles.startTitle}>Ask {model} something</div>
      <div className={styles.chips}>
        {suggestions.map((text) => (
          <UnstyledButton key={text} className={styles.chip} onClick={() => onPick(text)}>
            {text}
          </UnstyledButton>
        ))}
      </div>
    </div>
  );
}
