import { queryOptions } from '@tanstack/react-query';
import { request, withQuery } from './http';

/** Counts from the gateway's start; they only grow. */
export interface DeploymentTraffic {
  id: string;
  project: string;
  name: string;
  task: string;
  model: string;
  modelVersion: number;
  upstream: string | null;
  revoked: string | null;
  requests: { answered: number; refused: number; clientLeft: number; deadline: number; failed: number };
  turnedAway: number;
  promptTokens: number;
  completionTokens: number;
  cache: { asked: number; hits: number };
  queued: number;
  waiting: number;
  firstToken: number[];
  whole: number[];
  replicas: ReplicaTraffic[];
}

export interface ReplicaTraffic {
  id: string;
  state: 'healthy' | 'set-aside' | 'half-open';
  cause: 'unreachable' | 'away' | 'failing' | null;
  until: string | null;
  underWay: number;
  /** What it told of itself last, all that it has from anywhere; null where it has told nothing, or not that. */
  load: { waiting: number | null; running: number | null; cacheUse: number | null; ageSeconds: number } | null;
  failures: number;
  lastFailure: { at: string; reason: string } | null;
}

/** What one gateway saw at one moment. */
export interface TrafficLook {
  gateway: { id: string; name: string; startedAt: string; uptimeSeconds: number };
  at: string;
  latencyBounds: number[];
  items: DeploymentTraffic[];
}

const interval = 2_000;
const kept = 5 * 60_000;

/** The looks of the last minutes, oldest first; they stay while the page is left and come back to. Null looks at the whole factory. */
export const trafficQuery = (project: string | null, live: boolean) =>
  queryOptions({
    queryKey: ['traffic', project],
    queryFn: async ({ client, queryKey, signal }): Promise<TrafficLook[]> => {
      const look = await request<TrafficLook>(withQuery('/api/traffic', { project }), { signal });
      return remember(client.getQueryData<TrafficLook[]>(queryKey) ?? [], look);
    },
    refetchInterval: live && interval,
    refetchOnWindowFocus: live,
    refetchOnMount: live,
    // Nothing in a list of looks is like another: to compare them all would cost more than it saves.
    structuralSharing: false,
  });

export function remember(looks: readonly TrafficLook[], look: TrafficLook): TrafficLook[] {
  const oldest = Date.parse(look.at) - kept;
  return [...looks.filter(({ at }) => Date.parse(at) > oldest), look];
}
