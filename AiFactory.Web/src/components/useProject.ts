import { useParams } from 'react-router';

/** The project in the address. Only for pages under `/p/:project`. */
export function useProject(): string {
  const { project } = useParams();
  if (project === undefined) {
    throw new Error('useProject outside /p/:project');
  }
  return project;
}

/** The address of a page of a project: `projectHref('default', 'models')`. */
export function projectHref(project: string, page = ''): string {
  return `/p/${encodeURIComponent(project)}${page === '' ? '' : `/${page}`}`;
}
