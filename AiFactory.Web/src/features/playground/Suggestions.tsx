import { UnstyledButton } from '@mantine/core';
import styles from './playground.module.css';

/** A first question, and the system prompt that it needs. */
export interface Suggestion {
  text: string;
  system?: string;
}

// What the small model that ships can do: it knows the factory, answers from passages, and follows simple rules.
const suggestions: (Suggestion & { kind: string })[] = [
  { kind: 'Say hello', text: 'Hello, who are you?' },
  { kind: 'Ask about the factory', text: 'What does the gateway do?' },
  {
    kind: 'Answer from passages',
    text: 'When does the reading room open?',
    system:
      'Answer only from the passages below and cite them as [n].\n\n' +
      '[1] Parcels are handed out at the north gate until 17:15.\n' +
      '[2] The reading room opens at 09:30 on Monday. Members may borrow 6 books at a time.',
  },
  { kind: 'Follow a rule', text: 'How do I start with gardening?', system: 'Rule: Do not talk about gardening.' },
];

export function Suggestions({ model, onPick }: { model: string; onPick: (suggestion: Suggestion) => void }) {
  return (
    <div className={styles.start}>
      <div className={styles.startTitle}>Ask {model} something</div>
      <div className={styles.chips}>
        {suggestions.map((suggestion) => (
          <UnstyledButton key={suggestion.text} className={styles.chip} onClick={() => onPick(suggestion)} title={suggestion.system}>
            <span className={styles.chipKind}>{suggestion.kind}</span>
            {suggestion.text}
          </UnstyledButton>
        ))}
      </div>
    </div>
  );
}
