import type { DeploymentTraffic, TrafficLook } from '../../api/traffic';

/** A gateway that has not answered for so long is not counted any more, in seconds. */
const silence = 15;

/** Per second, over some time. Times are in seconds; null where there was none. */
export interface Measures {
  /** How long it was; 0 where there was but one look, of which nothing but what is under way is known. */
  seconds: number;
  requests: number;
  /** Failed and too late, of those that ended. */
  errors: number;
  errorShare: number | null;
  refused: number;
  clientLeft: number;
  turnedAway: number;
  promptTokens: number;
  completionTokens: number;
  firstTokenP50: number | null;
  firstTokenP95: number | null;
  wholeP50: number | null;
  wholeP95: number | null;
  cacheShare: number | null;
  /** At replicas, and waiting for one or for their turn: now, whatever the time above. */
  underWay: number;
  waiting: number;
}

interface Tally {
  seconds: number;
  ended: number;
  errors: number;
  refused: number;
  clientLeft: number;
  turnedAway: number;
  promptTokens: number;
  completionTokens: number;
  asked: number;
  hits: number;
  firstToken: number[];
  whole: number[];
  underWay: number;
  waiting: number;
}

const nothing = (seconds: number): Tally => ({
  seconds, ended: 0, errors: 0, refused: 0, clientLeft: 0, turnedAway: 0, promptTokens: 0, completionTokens: 0, asked: 0, hits: 0, firstToken: [], whole: [], underWay: 0, waiting: 0,
});

/** The newest look of each gateway that still answers, at the time of the look at `index`. */
export function newestOf(looks: readonly TrafficLook[], index = looks.length - 1): TrafficLook[] {
  const at = looks[index];
  const newest = new Map<string, TrafficLook>();
  for (let i = index; at && i >= 0; i -= 1) {
    const look = looks[i]!;
    if (Date.parse(at.at) - Date.parse(look.at) > silence * 1000) {
      break;
    }
    if (!newest.has(look.gateway.id)) {
      newest.set(look.gateway.id, look);
    }
  }
  return [...newest.values()];
}

/** What all gateways that answer saw in the `seconds` before the look at `index`, of all deployments or of one. Null seconds are all since their start. */
export function measure(looks: readonly TrafficLook[], seconds: number | null, index = looks.length - 1, deployment?: string): Measures {
  const sum = nothing(0);
  // A gateway of another version may count times in other parts: what it says of them cannot be added to these.
  const bounds = looks[index]?.latencyBounds ?? [];
  for (const now of newestOf(looks, index)) {
    const before = seconds === null ? undefined : earlier(looks, index, now, seconds);
    // One look alone is no rate; what is under way is known by it all the same.
    const isRate = seconds === null || before !== undefined;
    const lasted = now.gateway.uptimeSeconds - (before?.gateway.uptimeSeconds ?? 0);
    sum.seconds = Math.max(sum.seconds, isRate ? lasted : 0);
    for (const item of now.items) {
      if (deployment === undefined || item.id === deployment) {
        add(sum, item, isRate ? before?.items.find(({ id }) => id === item.id) : item, now.latencyBounds.length === bounds.length);
      }
    }
  }
  return rates(sum, bounds);
}

/** The look of the same gateway from `seconds` before, or the oldest since then. */
function earlier(looks: readonly TrafficLook[], index: number, now: TrafficLook, seconds: number): TrafficLook | undefined {
  let found: TrafficLook | undefined;
  for (let i = index; i >= 0; i -= 1) {
    const look = looks[i]!;
    if (look.gateway.id !== now.gateway.id || look === now) {
      continue;
    }
    found = look;
    if (now.gateway.uptimeSeconds - look.gateway.uptimeSeconds >= seconds) {
      break;
    }
  }
  return found;
}

function add(sum: Tally, now: DeploymentTraffic, before: DeploymentTraffic | undefined, hasTimes: boolean): void {
  const grew = (read: (traffic: DeploymentTraffic) => number) => Math.max(0, read(now) - (before ? read(before) : 0));
  const errors = grew(({ requests }) => requests.failed + requests.deadline);
  const refused = grew(({ requests }) => requests.refused);
  const clientLeft = grew(({ requests }) => requests.clientLeft);
  sum.ended += grew(({ requests }) => requests.answered) + errors + refused + clientLeft;
  sum.errors += errors;
  sum.refused += refused;
  sum.clientLeft += clientLeft;
  sum.turnedAway += grew(({ turnedAway }) => turnedAway);
  sum.promptTokens += grew(({ promptTokens }) => promptTokens);
  sum.completionTokens += grew(({ completionTokens }) => completionTokens);
  sum.asked += grew(({ cache }) => cache.asked);
  sum.hits += grew(({ cache }) => cache.hits);
  if (hasTimes) {
    addCounts(sum.firstToken, now.firstToken, before?.firstToken ?? []);
    addCounts(sum.whole, now.whole, before?.whole ?? []);
  }
  sum.underWay += now.replicas.reduce((total, { underWay }) => total + underWay, 0);
  sum.waiting += now.queued + now.waiting;
}

function addCounts(sum: number[], now: readonly number[], before: readonly number[]): void {
  now.forEach((count, part) => {
    sum[part] = (sum[part] ?? 0) + Math.max(0, count - (before[part] ?? 0));
  });
}

function rates(sum: Tally, bounds: readonly number[]): Measures {
  const perSecond = (count: number) => (sum.seconds > 0 ? count / sum.seconds : 0);
  return {
    seconds: sum.seconds,
    requests: perSecond(sum.ended),
    errors: perSecond(sum.errors),
    errorShare: sum.ended > 0 ? sum.errors / sum.ended : null,
    refused: perSecond(sum.refused),
    clientLeft: perSecond(sum.clientLeft),
    turnedAway: perSecond(sum.turnedAway),
    promptTokens: perSecond(sum.promptTokens),
    completionTokens: perSecond(sum.completionTokens),
    firstTokenP50: percentile(sum.firstToken, bounds, 0.5),
    firstTokenP95: percentile(sum.firstToken, bounds, 0.95),
    wholeP50: percentile(sum.whole, bounds, 0.5),
    wholeP95: percentile(sum.whole, bounds, 0.95),
    cacheShare: sum.asked > 0 ? sum.hits / sum.asked : null,
    underWay: sum.underWay,
    waiting: sum.waiting,
  };
}

/** In seconds, between the two bounds of the part that it lies in; null of nothing. */
export function percentile(counts: readonly number[], bounds: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let passed = 0;
  for (let part = 0; total > 0 && part < counts.length; part += 1) {
    const count = counts[part] ?? 0;
    if (count > 0 && passed + count >= share * total) {
      const from = part === 0 ? 0 : (bounds[part - 1] ?? 0);
      return from + ((bounds[part] ?? from) - from) * ((share * total - passed) / count);
    }
    passed += count;
  }
  return null;
}
