import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { threadQuery, useDeleteThread } from '../../api/builder/threads';
import type { Thread } from '../../api/builder/types';
import { usePermission } from '../../api/session';
import { BackLink } from '../../components/BackLink';
import { Composer } from '../../components/Composer';
import { ConfirmModal } from '../../components/ConfirmModal';
import { IconTrash } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { QueryView } from '../../components/QueryView';
import { useFollow } from '../../components/useFollow';
import { projectHref, useProject } from '../../components/useProject';
import { MessageView, PendingView } from './MessageView';
import { Target } from './Target';
import styles from './threads.module.css';
import { useThread } from './useThread';

export function ThreadPage() {
  const project = useProject();
  const { id = '' } = useParams();
  const thread = useQuery(threadQuery(project, id));
  return (
    <QueryView
      query={thread}
      header={<PageHeader title="Thread" above={<BackLink to={projectHref(project, 'threads')}>Threads</BackLink>} />}
      skeleton={<Skeleton height={320} radius={10} />}
    >
      {(data) => <ThreadView key={data.id} project={project} thread={data} />}
    </QueryView>
  );
}

function ThreadView({ project, thread }: { project: string; thread: Thread }) {
  const navigate = useNavigate();
  const mayWrite = usePermission('threads.write');
  const remove = useDeleteThread(project);
  const [deleting, setDeleting] = useState(false);
  const [draft, setDraft] = useState('');
  const { pending, running, send, stop } = useThread(project, thread.id);
  const messages = (thread.messages ?? []).filter(({ role, content }) => (role === 'user' || role === 'assistant') && content !== '');
  // A question that failed may have been kept by the server: it is not shown twice.
  const shown = pending && messages.at(-1)?.role === 'user' && messages.at(-1)?.content === pending.question ? messages.slice(0, -1) : messages;
  const talking = messages.length > 0 || pending !== null;
  const list = projectHref(project, 'threads');
  const talk = useFollow(pending ?? messages, talking);

  const ask = () => {
    if (!running && draft.trim() !== '') {
      send(draft.trim());
      setDraft('');
    }
  };
  return (
    <div className={styles.talk} ref={talk}>
      <PageHeader
        title={thread.title || 'Untitled'}
        above={<BackLink to={list}>Threads</BackLink>}
        description={<Target target={thread.target} />}
        actions={
          mayWrite && (
            <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )
        }
      />
      <div className={styles.messages} role="log" aria-label="Conversation" aria-busy={running}>
        {!talking && <p className={styles.start}>Ask the first question.</p>}
        {shown.map((message, index) => (
          <MessageView key={message.id} project={project} message={message} question={shown[index - 1]?.content ?? ''} />
        ))}
        {pending && <PendingView pending={pending} onRetry={running ? undefined : () => send(pending.question)} />}
      </div>
      {mayWrite && <Composer draft={draft} onDraft={setDraft} running={running} onSend={ask} onStop={stop} testId="thread" />}
      <ConfirmModal
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${thread.title || 'this thread'}?`}
        action="Delete thread"
        mutation={remove}
        variables={thread.id}
        onDone={() => void navigate(list)}
      >
        Its messages go with it.
      </ConfirmModal>
    </div>
  );
}
