import { request, withQuery } from '../http';
import type { Page } from '../types';

export function builderPath(project: string, rest: string): string {
  return `/api/builder/projects/${encodeURIComponent(project)}/${rest}`;
}

/** All the pages of a list, one after the other. */
export async function allPages<T>(path: string, query: Record<string, string | null>, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await request<Page<T>>(withQuery(path, { ...query, after }), { signal });
    all.push(...page.items);
    after = page.next;
  } while (after !== null && after !== undefined);
  return all;
}
