import { Accordion, Button, Center, Drawer, Group, List, Skeleton, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { publishedQuery, revisionQuery, revisionsQuery } from '../../api/builder/flows';
import type { FlowGraph, FlowRevision, StepType } from '../../api/builder/types';
import { Ago } from '../../components/Ago';
import { ErrorNotice } from '../../components/ErrorNotice';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import { difference } from './difference';
import { loadedGraph } from './graph';

interface HistoryDrawerProps {
  project: string;
  flow: string;
  /** What is on the canvas, which revisions are compared with. */
  graph: FlowGraph;
  revision: number;
  types: ReadonlyMap<string, StepType>;
  opened: boolean;
  /** Null for those who may only look. */
  onRestore: ((graph: FlowGraph) => void) | null;
  onClose: () => void;
}

/** A flow's revisions, newest first: who saved what when, and the way back to it. */
export function HistoryDrawer({ opened, onClose, ...rest }: HistoryDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="md" title="History">
      {opened && <Revisions {...rest} />}
    </Drawer>
  );
}

function Revisions(props: Omit<HistoryDrawerProps, 'opened' | 'onClose'>) {
  const { project, flow, revision } = props;
  const revisions = useInfiniteQuery(revisionsQuery(project, flow));
  const published = useQuery(publishedQuery(project)).data?.find((each) => each.flow === flow)?.revision;
  const [open, setOpen] = useState<string | null>(null);
  return (
    <QueryView query={revisions} skeleton={<Skeleton height={240} radius={10} />}>
      {({ pages }) => (
        <>
          <Accordion value={open} onChange={setOpen} variant="separated">
            {pages
              .flatMap((page) => page.items)
              .map((each) => (
                <Accordion.Item key={each.revision} value={`${each.revision}`} data-testid={`revision-${each.revision}`}>
                  <Accordion.Control>
                    <Group gap="xs" wrap="nowrap">
                      <Text size="sm" fw={600}>
                        Revision {each.revision}
                      </Text>
                      {each.revision === revision && <StateBadge state="current" />}
                      {each.revision === published && <StateBadge state="published" />}
                    </Group>
                    <Text size="xs" c="dimmed">
                      {each.createdBy}, <Ago at={each.createdAt} />
                    </Text>
                  </Accordion.Control>
                  <Accordion.Panel>{open === `${each.revision}` && <Compared {...props} item={each} />}</Accordion.Panel>
                </Accordion.Item>
              ))}
          </Accordion>
          {revisions.isFetchNextPageError && <ErrorNotice error={revisions.error} onRetry={() => void revisions.fetchNextPage()} />}
          {revisions.hasNextPage && !revisions.isFetchNextPageError && (
            <Center mt="md">
              <Button variant="default" loading={revisions.isFetchingNextPage} onClick={() => void revisions.fetchNextPage()}>
                Show older
              </Button>
            </Center>
          )}
        </>
      )}
    </QueryView>
  );
}

function Compared({ project, flow, graph, types, onRestore, item }: Omit<HistoryDrawerProps, 'opened' | 'onClose'> & { item: FlowRevision }) {
  const query = useQuery(revisionQuery(project, flow, item.revision));
  return (
    <QueryView query={query} skeleton={<Skeleton height={60} radius={6} />}>
      {(data) => {
        const then = loadedGraph(data.graph);
        const sentences = difference(graph, then, types);
        return (
          <>
            {sentences.length === 0 ? (
              <Text size="sm" c="dimmed" data-testid="no-difference">
                The same steps and connections as on the canvas.
              </Text>
            ) : (
              <List size="sm" spacing={4} data-testid="difference">
                {sentences.map((sentence) => (
                  <List.Item key={sentence}>{sentence}</List.Item>
                ))}
              </List>
            )}
            {onRestore && sentences.length > 0 && (
              <Button mt="sm" size="xs" variant="default" onClick={() => onRestore(then)} data-testid="restore">
                Restore
              </Button>
            )}
          </>
        );
      }}
    </QueryView>
  );
}
