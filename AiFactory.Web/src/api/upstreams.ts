import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { Page, Visibility } from './types';

export type UpstreamKind = 'openai' | 'azure-openai' | 'anthropic';

/** A model of an upstream under a name of the factory's. */
export interface UpstreamModel {
  name: string;
  /** The upstream's own id of it. */
  model: string;
  task: string | null;
  contextLength: number | null;
  visibility: Visibility | null;
  /** The console shows nothing of these two and keeps them. */
  traffic?: object | null;
  cache?: object | null;
}

interface UpstreamSettings {
  name: string;
  kind: UpstreamKind;
  baseUrl: string;
  models: UpstreamModel[];
  headers: Record<string, string>;
  apiVersion: string | null;
}

export interface Upstream extends UpstreamSettings {
  id: string;
  project: string;
  enabled: boolean;
  revision: number;
  createdBy: string;
  createdAt: string;
  updatedBy: string;
  updatedAt: string;
  /** Only how it ends is ever told. */
  credential: { endsWith: string | null; setBy: string; setAt: string } | null;
  /** Why its models are not served. */
  message: string | null;
}

export interface UpstreamRequest extends UpstreamSettings {
  enabled: boolean;
  /** Null keeps what is there, an empty text takes it away. */
  credential: string | null;
  /** The one that was edited, so that nobody's change is lost; null for a new one. */
  revision: number | null;
}

export interface UpstreamTest {
  code: string;
  message: string;
  status: number | null;
}

const upstreamPath = (project: string, name: string, rest = '') => projectPath(project, `upstreams/${encodeURIComponent(name)}${rest}`);

export const upstreamsQuery = (project: string) =>
  queryOptions({
    queryKey: ['upstreams', project],
    queryFn: async ({ signal }) => {
      const all: Upstream[] = [];
      let after: string | null = null;
      do {
        const page: Page<Upstream> = await request<Page<Upstream>>(withQuery(projectPath(project, 'upstreams'), { after }), { signal });
        all.push(...page.items);
        after = page.next;
      } while (after !== null);
      return all;
    },
  });

export function useSaveUpstream(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (body: UpstreamRequest) =>
      body.revision === null
        ? request<Upstream>(projectPath(project, 'upstreams'), { method: 'POST', body })
        : request<Upstream>(upstreamPath(project, body.name), { method: 'PUT', body }),
    // What was sent holds the credential, which must not outlive the dialog.
    gcTime: 0,
    onSettled: refresh,
  });
}

export function useDeleteUpstream(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (name: string) => request<void>(upstreamPath(project, name), { method: 'DELETE' }),
    onSettled: refresh,
  });
}

/** Asks the service for its models: whether it is reached, and takes the credential. */
export function useTestUpstream(project: string) {
  return useMutation({ mutationFn: (name: string) => request<UpstreamTest>(upstreamPath(project, name, '/test'), { method: 'POST' }) });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['upstreams', project] });
}
