import { Drawer, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { documentTextQuery } from '../api/builder/knowledge';
import type { Passage } from '../api/builder/types';
import { ErrorNotice } from './ErrorNotice';
import { formatNumber } from './format';
import { Highlighted } from './Highlighted';
import { Notice } from './Notice';
import styles from './PassageDrawer.module.css';

export interface OpenPassage {
  /** As it is cited, `[2]`; null for a whole document. */
  number: number | null;
  passage: Passage;
}

interface PassageDrawerProps {
  project: string;
  open: OpenPassage | null;
  query?: string;
  onClose: () => void;
}

/** Characters of the document that are shown before and after a passage. */
const around = 2_000;

/** A passage where it stands in its document; alone when the document is gone, or when it does not say which knowledge base it is of. */
export function PassageDrawer({ project, open, query = '', onClose }: PassageDrawerProps) {
  return (
    <Drawer opened={open !== null} onClose={onClose} position="right" size="lg" title={open?.passage.documentName} classNames={{ title: styles.title }}>
      {open && <InDocument project={project} open={open} query={query} />}
    </Drawer>
  );
}

function Alone({ open: { number, passage }, query }: { open: OpenPassage; query: string }) {
  return (
    <>
      <Place number={number} passage={passage} total={null} />
      <div className={styles.text}>
        <mark className={styles.passage} data-testid="passage">
          <Highlighted text={passage.text} query={query} />
        </mark>
      </div>
    </>
  );
}

function InDocument({ project, open, query }: { project: string; open: OpenPassage; query: string }) {
  const { documentId, knowledgeBase, start, end } = open.passage;
  const from = Math.max(0, start - around);
  const document = useQuery(documentTextQuery(project, knowledgeBase, documentId, from, end - from + around));
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise, which an effect must not.
    mark.current?.scrollIntoView({ block: 'center' });
  }, [document.data]);
  if (document.isError) {
    return (
      <>
        <ErrorNotice error={document.error} onRetry={() => void document.refetch()} />
        <Alone open={open} query={query} />
      </>
    );
  }
  if (document.data === undefined) {
    return <Skeleton height={280} radius={8} />;
  }
  if (document.data === null) {
    return (
      <>
        {knowledgeBase ? (
          <Notice tone="info" title="The document is not here any more">
            This is the passage as it was found then.
          </Notice>
        ) : (
          <Notice tone="info" title="The document cannot be opened from here">
            This was written down before passages named their knowledge base. It is the passage as it was found then; the document itself may still be in its base.
          </Notice>
        )}
        <Alone open={open} query={query} />
      </>
    );
  }
  const { text, total } = document.data;
  const offset = document.data.start;
  return (
    <>
      <Place number={open.number} passage={open.passage} total={total} />
      <div className={styles.text} tabIndex={0} aria-label="Text of the document">
        {offset > 0 && <span className={styles.cut}>...</span>}
        {text.slice(0, start - offset)}
        {end > start && (
          <mark className={styles.passage} ref={mark} data-testid="passage">
            <Highlighted text={text.slice(start - offset, end - offset)} query={query} />
          </mark>
        )}
        {text.slice(end - offset)}
        {offset + text.length < total && <span className={styles.cut}>...</span>}
      </div>
    </>
  );
}

function Place({ number, passage, total }: { number: number | null; passage: Passage; total: number | null }) {
  return (
    <div className={styles.place}>
      {number !== null && <span className={styles.number}>{number}</span>}
      {passage.end > passage.start && `Characters ${formatNumber(passage.start)} to ${formatNumber(passage.end)}`}
      {total !== null && (passage.end > passage.start ? ` of ${formatNumber(total)}` : `${formatNumber(total)} characters`)}
    </div>
  );
}
