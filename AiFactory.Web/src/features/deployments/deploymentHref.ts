import { projectHref } from '../../components/useProject';

export function deploymentHref({ project, name }: { project: string; name: string }): string {
  return projectHref(project, `deployments/${encodeURIComponent(name)}`);
}
