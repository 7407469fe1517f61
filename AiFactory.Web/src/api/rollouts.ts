import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { Page } from './types';

export type RolloutState = 'running' | 'paused' | 'halted' | 'rolledBack' | 'completed' | 'cancelled';
export type RolloutStrategy = 'canary' | 'blueGreen';
export type RolloutAct = 'pause' | 'resume' | 'promote' | 'abort';

/** Durations are `d.hh:mm:ss`. */
export interface RolloutStep {
  percent: number;
  duration: string | null;
  requests: number | null;
}

/** Shares are of 1; null is what the library takes for usual. */
export interface RolloutGates {
  maxFailureShare: number | null;
  maxFailureIncrease: number | null;
  maxP95Ratio: number | null;
  maxP99Ratio: number | null;
  minRequests: number | null;
  longestWait: string | null;
}

export interface RolloutRequest {
  candidate: string;
  strategy: RolloutStrategy;
  steps?: RolloutStep[];
  watch?: string;
  gates: Partial<RolloutGates>;
  onFailure: 'halt' | 'rollback';
}

/** Times in seconds. */
export interface RolloutSample {
  requests: number;
  failures: number;
  /** Those whose clients gave up before anything came, and those that are open and hang; neither are among the requests. */
  left: number;
  hanging: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Rollout {
  id: string;
  project: string;
  deployment: string;
  candidate: string;
  baseline: string;
  strategy: RolloutStrategy;
  state: RolloutState;
  /** -1 while it waits for the candidate's replicas. */
  step: number;
  stepSince: string;
  percent: number;
  message: string;
  steps: RolloutStep[];
  gates: RolloutGates;
  readyWithin: string;
  onFailure: 'halt' | 'rollback';
  observed: { candidate: RolloutSample; baseline: RolloutSample; before: RolloutSample } | null;
  observedAt: string | null;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
}

const interval = 2_000;

/** The newest first. */
export const rolloutsQuery = (project: string, deployment: string) =>
  queryOptions({
    queryKey: ['rollouts', project, deployment],
    queryFn: ({ signal }) => request<Page<Rollout>>(withQuery(path(project, deployment), { limit: 5 }), { signal }),
    refetchInterval: interval,
  });

export function useBeginRollout(project: string, deployment: string) {
  const refresh = useRefresh(project, deployment);
  return useMutation({
    mutationFn: (body: RolloutRequest) => request<Rollout>(path(project, deployment), { method: 'POST', body }),
    onSettled: refresh,
  });
}

export function useRolloutAct(project: string, deployment: string) {
  const refresh = useRefresh(project, deployment);
  return useMutation({
    mutationFn: ({ id, act }: { id: string; act: RolloutAct }) => request<Rollout>(`${path(project, deployment)}/${id}/${act}`, { method: 'POST' }),
    onSettled: refresh,
  });
}

function useRefresh(project: string, deployment: string) {
  const client = useQueryClient();
  return () => Promise.all([client.invalidateQueries({ queryKey: ['rollouts', project, deployment] }), client.invalidateQueries({ queryKey: ['deployments', project] })]);
}

function path(project: string, deployment: string): string {
  return projectPath(project, `deployments/${encodeURIComponent(deployment)}/rollouts`);
}
