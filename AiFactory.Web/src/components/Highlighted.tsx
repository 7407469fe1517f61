import { highlight } from './highlight';
import styles from './Highlighted.module.css';

/** A text with the words of a query marked in it. */
export function Highlighted({ text, query }: { text: string; query: string }) {
  return highlight(text, query).map((piece, index) =>
    piece.marked ? (
      <mark key={index} className={styles.mark}>
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}
