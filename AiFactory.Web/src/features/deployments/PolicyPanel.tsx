import { Button } from '@mantine/core';
import { useState } from 'react';
import { usePermission } from '../../api/session';
import type { Deployment } from '../../api/types';
import { IconPencil } from '../../components/icons';
import { Panel } from '../../components/Panel';
import styles from './deployments.module.css';
import { PolicyModal } from './PolicyModal';
import { plainCache, plainRouting, policySentences } from './policyText';

/** Which answers gateways keep, and how they choose among the replicas. */
export function PolicyPanel({ deployment }: { deployment: Deployment }) {
  const mayWrite = usePermission('deployments.write');
  const [edits, setEdits] = useState(false);
  const sentences = policySentences(deployment.task, plainCache(deployment.cache ?? {}), plainRouting(deployment.routing ?? {}));
  return (
    <Panel
      title="Cache and replicas"
      testId="policies"
      actions={
        mayWrite && (
          <Button size="compact-xs" variant="default" leftSection={<IconPencil size={13} />} onClick={() => setEdits(true)} data-testid="edit-policies" aria-label="Edit cache and replicas">
            Edit
          </Button>
        )
      }
    >
      <div className={styles.nothing}>{sentences.length === 0 ? 'No answer is kept, and each request goes to one replica.' : sentences.join(' ')}</div>
      {edits && <PolicyModal deployment={deployment} onClose={() => setEdits(false)} />}
    </Panel>
  );
}
