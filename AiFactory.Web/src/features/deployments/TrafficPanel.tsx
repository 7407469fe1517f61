import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rolloutsQuery } from '../../api/rollouts';
import { usePermission } from '../../api/session';
import type { Deployment } from '../../api/types';
import { IconPencil } from '../../components/icons';
import { Panel } from '../../components/Panel';
import styles from './deployments.module.css';
import { TrafficModal } from './TrafficModal';
import { plainPolicy, sentencesOf, whoAnswers } from './trafficText';

/** Who answers requests that name this deployment. While a rollout is under way it is the rollout's. */
export function TrafficPanel({ deployment }: { deployment: Deployment }) {
  const mayWrite = usePermission('deployments.write');
  const { data: rollouts, isPending } = useQuery(rolloutsQuery(deployment.project, deployment.name));
  const [edits, setEdits] = useState(false);
  const policy = plainPolicy(deployment.traffic ?? {});
  const newest = rollouts?.items[0];
  const moving = newest !== undefined && newest.endedAt === null;
  return (
    <Panel
      title="Traffic"
      testId="traffic"
      actions={
        mayWrite &&
        !isPending &&
        !moving && (
          <Button size="compact-xs" variant="default" leftSection={<IconPencil size={13} />} onClick={() => setEdits(true)} data-testid="edit-traffic">
            Edit traffic
          </Button>
        )
      }
    >
      {policy?.splits && (
        <ul className={styles.shares} aria-label="Shares">
          {whoAnswers(deployment.name, policy).map((share) => (
            <li key={share.deployment}>
              <span>{share.deployment}</span>
              <span>{share.percent} %</span>
              <div className={styles.share}>
                <i style={{ width: `${share.percent}%` }} />
              </div>
            </li>
          ))}
        </ul>
      )}
      <div className={policy?.splits ? styles.caption : styles.nothing}>
        {policy === null
          ? 'This deployment answers all of its requests itself. Others can have a share, stand in for it, or get copies.'
          : [...(policy.splits ? [] : ['This deployment answers all of its requests itself.']), ...sentencesOf(policy), ...(moving ? ['A rollout moves the shares now.'] : [])].join(' ')}
      </div>
      {edits && <TrafficModal deployment={deployment} onClose={() => setEdits(false)} />}
    </Panel>
  );
}
