import type { Deployment, Model, Worker } from '../../api/types';

const sum = <T,>(items: readonly T[], count: (item: T) => number): number => items.reduce((total, item) => total + count(item), 0);

export function summarise(models: readonly Model[], deployments: readonly Deployment[], workers: readonly Worker[]) {
  return {
    models: models.length,
    approved: models.filter((model) => model.versions.some((version) => version.state === 'approved')).length,
    deployments: deployments.length,
    readyDeployments: deployments.filter((deployment) => deployment.phase === 'ready').length,
    replicas: sum(deployments, (deployment) => deployment.replicas),
    readyReplicas: sum(deployments, (deployment) => deployment.readyReplicas),
    workers: workers.length,
    readyWorkers: workers.filter((worker) => worker.state === 'ready').length,
  };
}
