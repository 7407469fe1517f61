import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import { modelQuery } from '../../api/models';
import { usePermission } from '../../api/session';
import type { Model } from '../../api/types';
import { BackLink } from '../../components/BackLink';
import { EmptyState } from '../../components/EmptyState';
import { IconBox, IconRocket } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { QueryView } from '../../components/QueryView';
import { StateBadge } from '../../components/StateBadge';
import { projectHref, useProject } from '../../components/useProject';
import { Decision } from './Decision';
import { EvidenceTimeline } from './EvidenceTimeline';
import styles from './ModelPage.module.css';
import { Refusal } from './Refusal';
import { Revoke } from './Revoke';
import { VersionFacts } from './VersionFacts';
import { VersionList } from './VersionList';

export function ModelPage() {
  const project = useProject();
  const name = useParams()['*'] ?? '';
  const model = useQuery(modelQuery(project, name));
  return (
    <QueryView
      query={model}
      header={<PageHeader title={name} above={<BackLink to={projectHref(project, 'models')}>Models</BackLink>} />}
      skeleton={<Skeleton height={320} radius={10} />}
    >
      {(data) => <ModelView model={data} />}
    </QueryView>
  );
}

function ModelView({ model }: { model: Model }) {
  const [parameters] = useSearchParams();
  const mayDeploy = usePermission('deployments.write');
  const chosen = Number(parameters.get('version'));
  const version = model.versions.find((each) => each.version === chosen) ?? model.versions[0];
  const header = (
    <PageHeader
      documentTitle={model.name}
      above={<BackLink to={projectHref(model.project, 'models')}>Models</BackLink>}
      title={
        <span className={styles.title}>
          {model.name}
          {version && <StateBadge state={version.state} testId="version-state" />}
        </span>
      }
      description={version && `Version ${version.version}, tag ${version.tag}, brought in by ${version.author}`}
      actions={
        version?.state === 'approved' && (
          <>
            <Revoke key={version.id} version={version} />
            {mayDeploy && (
              <Button
                component={Link}
                to={`${projectHref(model.project, 'deployments')}?deploy=${encodeURIComponent(model.name)}&version=${version.version}`}
                leftSection={<IconRocket size={14} />}
                data-testid="deploy"
              >
                Deploy
              </Button>
            )}
          </>
        )
      }
    />
  );
  if (!version) {
    return (
      <>
        {header}
        <EmptyState icon={IconBox} title="This model has no version yet" />
      </>
    );
  }
  return (
    <>
      {header}
      <div className={styles.columns}>
        <div className={styles.main}>
          <Refusal version={version} />
          <Decision key={version.id} version={version} />
          <Panel title="Evidence" testId="evidence">
            <EvidenceTimeline evidence={version.evidence} />
          </Panel>
        </div>
        <div className={styles.side}>
          <Panel title="Version">
            <VersionFacts version={version} />
          </Panel>
          <Panel title={`Versions (${model.versions.length})`} flush>
            <VersionList model={model} chosen={version} />
          </Panel>
        </div>
      </div>
    </>
  );
}
