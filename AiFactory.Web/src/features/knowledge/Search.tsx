import { Button, Group, MultiSelect, SegmentedControl, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { documentsQuery, useSearch } from '../../api/builder/knowledge';
import type { KnowledgeBase, SearchHit, SearchMode } from '../../api/builder/types';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Highlighted } from '../../components/Highlighted';
import { IconFileSearch, IconSearch } from '../../components/icons';
import { PassageDrawer, type OpenPassage } from '../../components/PassageDrawer';
import styles from './knowledge.module.css';

const modes = [
  { value: 'hybrid', label: 'Both' },
  { value: 'vector', label: 'By meaning' },
  { value: 'text', label: 'By words' },
];

export function Search({ project, base }: { project: string; base: KnowledgeBase }) {
  const search = useSearch(project, base.name);
  const [query, setQuery] = useState('');
  const [mode, setMode] = useState<SearchMode>('hybrid');
  const [only, setOnly] = useState<string[]>([]);
  const documents = useQuery(documentsQuery(project, base.name)).data ?? [];
  const names = documents.filter(({ state }) => state === 'ready').map(({ name }) => name);
  const [open, setOpen] = useState<OpenPassage | null>(null);
  const ask = (chosen: SearchMode, within: readonly string[] = only) => {
    if (query.trim() !== '') {
      search.mutate({ query: query.trim(), limit: 10, mode: chosen, ...(within.length > 0 && { documents: within }) });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(mode);
  };
  const asked = search.variables?.query ?? '';
  return (
    <Stack gap="md">
      <form onSubmit={submit} role="search">
        <Group gap="xs" align="center">
          <TextInput
            className={styles.query}
            aria-label="Question or words"
            placeholder="A question, or words of the document"
            leftSection={<IconSearch size={15} />}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            data-testid="search-query"
          />
          <SegmentedControl
            size="xs"
            aria-label="How to search"
            data={modes}
            value={mode}
            onChange={(value) => {
              setMode(value as SearchMode);
              ask(value as SearchMode);
            }}
          />
          <Button type="submit" loading={search.isPending} disabled={query.trim() === ''} data-testid="search">
            Search
          </Button>
        </Group>
        {(names.length > 1 || only.length > 0) && (
          <MultiSelect
            mt="xs"
            size="xs"
            aria-label="Documents to search"
            placeholder={only.length === 0 ? 'All documents' : undefined}
            data={names}
            value={only}
            onChange={(chosen) => {
              setOnly(chosen);
              ask(mode, chosen);
            }}
            maxValues={100}
            limit={200}
            searchable
            clearable
            hidePickedOptions
            nothingFoundMessage="No document of that name"
            data-testid="search-documents"
          />
        )}
      </form>
      {search.isError && <ErrorNotice error={search.error} onRetry={() => ask(mode)} />}
      {search.data && search.data.results.length === 0 && (
        <EmptyState icon={IconFileSearch} title="No passage matches">
          {base.chunks === 0 ? 'The base has no passages yet.' : 'Try it by meaning, or with words as the documents use them.'}
        </EmptyState>
      )}
      {search.data && search.data.results.length > 0 && (
        <>
          <div className={styles.quiet} role="status" data-testid="search-facts">
            {search.data.results.length} passages in {search.data.milliseconds < 10 ? search.data.milliseconds.toFixed(1) : Math.round(search.data.milliseconds)} ms
            {search.data.index === 'pgvector' ? ', by the pgvector index' : ', exact search'}
          </div>
          <ol className={styles.hits}>
            {search.data.results.map((hit, index) => (
              <Hit
                key={`${hit.documentId}/${hit.ordinal}`}
                hit={hit}
                number={index + 1}
                query={asked}
                best={search.data.results[0]?.score ?? 0}
                onOpen={() => setOpen({ number: index + 1, passage: { ...hit, knowledgeBase: base.name } })}
              />
            ))}
          </ol>
        </>
      )}
      <PassageDrawer project={project} open={open} query={asked} onClose={() => setOpen(null)} />
    </Stack>
  );
}

interface HitProps {
  hit: SearchHit;
  number: number;
  query: string;
  best: number;
  onOpen: () => void;
}

function Hit({ hit, number, query, best, onOpen }: HitProps) {
  return (
    <li className={styles.hit} data-testid="hit">
      <div className={styles.hitHead}>
        <span className={styles.hitNumber}>{number}</span>
        <UnstyledButton className={styles.name} onClick={onOpen}>
          {hit.documentName}
        </UnstyledButton>
        <span className={styles.quiet}>
          {hit.start}-{hit.end}
        </span>
        <span className={styles.score} title={`score ${hit.score}`}>
          <i style={{ width: `${best > 0 ? Math.max(4, (hit.score / best) * 100) : 0}%` }} />
        </span>
        <span className={styles.scoreNumber}>{hit.score.toFixed(4)}</span>
      </div>
      <p className={styles.hitText}>
        <Highlighted text={hit.text} query={query} />
      </p>
      <div className={styles.ranks}>
        {hit.vectorRank !== null && (
          <span>
            meaning #{hit.vectorRank}
            {hit.vectorScore !== null && ` (${hit.vectorScore.toFixed(3)})`}
          </span>
        )}
        {hit.textRank !== null && (
          <span>
            words #{hit.textRank}
            {hit.textScore !== null && ` (${hit.textScore.toFixed(3)})`}
          </span>
        )}
      </div>
    </li>
  );
}
