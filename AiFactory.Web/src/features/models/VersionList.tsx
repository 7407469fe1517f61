import { Link } from 'react-router';
import type { Model, ModelVersion } from '../../api/types';
import { Ago } from '../../components/Ago';
import { StateBadge } from '../../components/StateBadge';
import { modelHref } from './modelHref';
import styles from './VersionList.module.css';

export function VersionList({ model, chosen }: { model: Model; chosen: ModelVersion }) {
  return (
    <ul className={styles.list}>
      {model.versions.map((version) => (
        <li key={version.id}>
          <Link
            to={modelHref(model.project, model.name, version.version)}
            replace
            className={styles.item}
            aria-current={version.id === chosen.id || undefined}
          >
            <span className={styles.number}>v{version.version}</span>
            <span className={styles.tag}>{version.tag}</span>
            <span className={styles.when}>
              <Ago at={version.createdAt} />
            </span>
            <StateBadge state={version.state} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
