import type { DeploymentTraffic, TrafficLook } from '../api/traffic';

/** A deployment of which `requests` were answered, each with nine tokens of prompt and two of answer. */
export function traffic(requests: number, over: Partial<DeploymentTraffic> = {}): DeploymentTraffic {
  return {
    id: 'd1',
    project: 'default',
    name: 'demo-chat',
    task: 'chat',
    model: 'demo-chat',
    modelVersion: 1,
    upstream: null,
    revoked: null,
    requests: { answered: requests, refused: 0, clientLeft: 0, deadline: 0, failed: 0 },
    turnedAway: 0,
    promptTokens: 9 * requests,
    completionTokens: 2 * requests,
    cache: { asked: 0, hits: 0 },
    queued: 0,
    waiting: 0,
    firstToken: [],
    whole: [],
    replicas: [{ id: 'w1:9001', state: 'healthy', cause: null, until: null, underWay: 0, load: null, failures: 0, lastFailure: null }],
    ...over,
  };
}

/** A gateway's look, `second` seconds after it started. */
export function look(second: number, items: DeploymentTraffic[], gateway = 'one'): TrafficLook {
  const startedAt = Date.parse('2026-11-22T12:00:00Z');
  return {
    gateway: { id: gateway, name: gateway, startedAt: new Date(startedAt).toISOString(), uptimeSeconds: second },
    at: new Date(startedAt + second * 1000).toISOString(),
    latencyBounds: [0.001, 0.01, 0.1, 1, 10],
    items,
  };
}
