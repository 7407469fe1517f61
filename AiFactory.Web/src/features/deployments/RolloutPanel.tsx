import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rolloutsQuery, useRolloutAct, type Rollout, type RolloutAct } from '../../api/rollouts';
import { usePermission } from '../../api/session';
import type { Deployment } from '../../api/types';
import { Ago } from '../../components/Ago';
import { ConfirmModal } from '../../components/ConfirmModal';
import { ErrorNotice } from '../../components/ErrorNotice';
import { IconGitBranch } from '../../components/icons';
import { Notice } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import styles from './deployments.module.css';
import { RolloutModal } from './RolloutModal';
import { RolloutNumbers } from './RolloutNumbers';
import { RolloutSteps } from './RolloutSteps';

/** The rollout that moves the name's requests now, or the last one, and what may be done about it. */
export function RolloutPanel({ deployment }: { deployment: Deployment }) {
  const rollouts = useQuery(rolloutsQuery(deployment.project, deployment.name));
  const mayWrite = usePermission('deployments.write');
  const [begins, setBegins] = useState(false);
  const newest = rollouts.data?.items[0];
  return (
    <Panel
      title="Rollout"
      testId="rollout"
      actions={
        mayWrite &&
        rollouts.isSuccess &&
        (!newest || newest.endedAt) && (
          <Button size="compact-xs" variant="default" leftSection={<IconGitBranch size={13} />} onClick={() => setBegins(true)} data-testid="begin-rollout">
            Roll out
          </Button>
        )
      }
    >
      <QueryView query={rollouts} skeleton={<Skeleton height={60} radius={8} />}>
        {({ items: [last, ...earlier] }) =>
          last ? (
            <>
              <RolloutView rollout={last} />
              {earlier.length > 0 && (
                <div className={styles.facts} data-testid="earlier-rollouts">
                  <span>Before:</span>
                  {earlier.map((each) => (
                    <span key={each.id} title={each.message}>
                      {each.candidate} {words[each.state]} <Ago at={each.endedAt ?? each.updatedAt} />
                    </span>
                  ))}
                </div>
              )}
            </>
          ) : (
            <div className={styles.nothing}>None yet. One moves the requests for this name to another deployment, share by share or all at once, and takes them back where that one does worse.</div>
          )
        }
      </QueryView>
      {begins && <RolloutModal deployment={deployment} onClose={() => setBegins(false)} />}
    </Panel>
  );
}

const words = { running: 'runs', paused: 'paused', halted: 'halted', rolledBack: 'rolled back', completed: 'completed', cancelled: 'cancelled' };
const tones = { running: 'info', paused: 'warn', halted: 'bad', rolledBack: 'bad', completed: 'info', cancelled: 'info' } as const;
const titles = {
  running: 'Under way',
  paused: 'Paused',
  halted: 'Halted: somebody has to decide',
  rolledBack: 'Rolled back by itself',
  completed: 'Completed',
  cancelled: 'Cancelled',
};

function RolloutView({ rollout }: { rollout: Rollout }) {
  const mayWrite = usePermission('deployments.write');
  const act = useRolloutAct(rollout.project, rollout.deployment);
  const [asked, setAsked] = useState<RolloutAct | null>(null);
  const { id, state, candidate, baseline } = rollout;
  const quick = (what: RolloutAct, label: string) => (
    <Button size="xs" variant="default" loading={act.isPending && act.variables.act === what} onClick={() => act.mutate({ id, act: what })} data-testid={what}>
      {label}
    </Button>
  );
  return (
    <div className={styles.rollout}>
      <div className={styles.replicaHead}>
        <StateBadge state={state === 'rolledBack' ? 'rolled-back' : state} testId="rollout-state" />
        <span>
          {baseline} → <strong>{candidate}</strong>, {rollout.percent} % now
        </span>
        <span className={styles.model}>
          begun <Ago at={rollout.createdAt} /> by {rollout.createdBy}
        </span>
      </div>
      <RolloutSteps rollout={rollout} />
      <Notice tone={tones[state]} title={titles[state]} testId="rollout-message">
        {rollout.message}
      </Notice>
      {rollout.observed && <RolloutNumbers rollout={rollout} observed={rollout.observed} />}
      {act.isError && !asked && <ErrorNotice error={act.error} />}
      {mayWrite && !rollout.endedAt && (
        <div className={styles.buttons}>
          {state === 'running' ? quick('pause', 'Pause') : quick('resume', 'Resume')}
          <Button size="xs" variant="default" onClick={() => setAsked('promote')} data-testid="promote">
            Promote
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked('abort')} data-testid="abort">
            Abort
          </Button>
        </div>
      )}
      <ConfirmModal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === 'promote' ? `Send everything to ${candidate}?` : `Take everything back to ${baseline}?`}
        action={asked === 'promote' ? 'Promote' : 'Abort'}
        mutation={act}
        variables={{ id, act: asked ?? 'abort' }}
      >
        {asked === 'promote'
          ? `All requests for ${rollout.deployment} go to ${candidate} at once, and it is watched no more.`
          : `All requests for ${rollout.deployment} go to ${baseline} again, and the rollout ends.`}
      </ConfirmModal>
    </div>
  );
}
