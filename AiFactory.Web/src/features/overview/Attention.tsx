import { Link } from 'react-router';
import { namePath } from '../../api/http';
import type { Deployment, Model } from '../../api/types';
import { Panel } from '../../components/Panel';
import { StateBadge } from '../../components/StateBadge';
import { projectHref } from '../../components/useProject';
import styles from './overview.module.css';

const modelStates = new Set(['pending-approval', 'quarantined', 'failed']);
const phases = new Set(['pending', 'degraded', 'failed', 'revoked']);

interface AttentionProps {
  project: string;
  models: Model[];
  deployments: Deployment[];
}

/** What does not go on without a person. */
export function Attention({ project, models, deployments }: AttentionProps) {
  const items = [
    ...deployments
      .filter(({ phase }) => phases.has(phase))
      .map(({ name, phase, message }) => ({ to: `deployments/${encodeURIComponent(name)}`, name, state: phase, text: message })),
    ...models.flatMap((model) => {
      const newest = model.versions[0];
      return newest && modelStates.has(newest.state)
        ? [{ to: `models/${namePath(model.name)}`, name: `${model.name} v${newest.version}`, state: newest.state, text: newest.reason }]
        : [];
    }),
  ];
  return (
    <Panel title="Needs attention" flush testId="attention">
      {items.length === 0 && <div className={styles.none}>Nothing waits for anyone.</div>}
      <ul className={styles.list}>
        {items.map((item) => (
          <li key={item.to}>
            <Link to={projectHref(project, item.to)} className={styles.item}>
              <span className={styles.itemName}>
                {item.name}
                {item.text && <span className={styles.reason}>{item.text}</span>}
              </span>
              <StateBadge state={item.state} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
