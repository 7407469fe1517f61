import { namePath } from '../../api/http';
import { projectHref } from '../../components/useProject';

export function modelHref(project: string, name: string, version?: number): string {
  return projectHref(project, `models/${namePath(name)}`) + (version === undefined ? '' : `?version=${version}`);
}
