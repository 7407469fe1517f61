import { Tooltip, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { Passage } from '../api/builder/types';
import styles from './CitedText.module.css';
import { PassageDrawer, type OpenPassage } from './PassageDrawer';
import { citedPieces } from './passages';

interface CitedTextProps {
  project: string;
  text: string;
  passages: readonly Passage[];
  /** Which words to mark in a passage that is opened. */
  query?: string;
  running?: boolean;
  testId?: string;
}

/** An answer whose `[n]` open the passage, and below it the passages that it was given. */
export function CitedText({ project, text, passages, query, running, testId }: CitedTextProps) {
  const [open, setOpen] = useState<OpenPassage | null>(null);
  const pieces = citedPieces(text, passages.length);
  const cited = new Set(pieces.map(({ number }) => number));
  const show = (number: number) => {
    const passage = passages[number - 1];
    if (passage) {
      setOpen({ number, passage });
    }
  };
  return (
    <>
      <div className={styles.text} data-testid={testId}>
        {pieces.map(({ text: piece, number }, index) =>
          number === null ? (
            piece
          ) : (
            <Tooltip key={index} label={passages[number - 1]?.documentName}>
              <UnstyledButton className={styles.mark} onClick={() => show(number)} aria-label={`Passage ${number}`} data-testid="citation">
                {number}
              </UnstyledButton>
            </Tooltip>
          ),
        )}
        {running && <span className={styles.caret} role="img" aria-label="The answer is being written" />}
      </div>
      {passages.length > 0 && !running && (
        <ul className={styles.sources} aria-label="Passages">
          {passages.map((passage, index) => (
            <li key={index}>
              <UnstyledButton className={styles.source} data-cited={cited.has(index + 1) || undefined} onClick={() => show(index + 1)} data-testid="source">
                <span className={styles.number}>{index + 1}</span>
                <span className={styles.document}>{passage.documentName}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <PassageDrawer project={project} open={open} query={query} onClose={() => setOpen(null)} />
    </>
  );
}
