// The gateway's own routes: traffic that grows with the clock, and how limits stand.
const began = Date.now() - 3 * 3_600_000;
const bounds = Array.from({ length: 76 }, (_, part) => (2 ** (9 + Math.floor(part / 4)) * (1 + ((part % 4) + 1) / 4)) / 1e6);

/** `count` times around `middle` seconds, spread over the parts. */
function spread(count, middle) {
  const at = bounds.findIndex((bound) => bound > middle);
  const shares = [0.02, 0.1, 0.2, 0.24, 0.18, 0.11, 0.06, 0.04, 0.03, 0.02];
  return Array.from({ length: at + 7 }, (_, part) => Math.round(count * (shares[part - at + 3] ?? 0)));
}

const healthy = (id, underWay) => ({ id, state: 'healthy', cause: null, until: null, underWay, load: { waiting: 0, running: underWay + 1, cacheUse: 0.04 * underWay, ageSeconds: 0.3 }, failures: 0, lastFailure: null });

function deployment(number, name, rate, over) {
  const seconds = (Date.now() - began) / 1000;
  const ended = Math.round(rate * (seconds + 12 * Math.sin(seconds / 20)));
  const failed = Math.round(ended * (over.failing ?? 0));
  return {
    id: `d${number}`, project: 'default', name, task: over.task ?? 'chat', model: over.model ?? name, modelVersion: 1, upstream: over.upstream ?? null, revoked: null,
    requests: { answered: ended - failed, refused: Math.round(ended * 0.01), clientLeft: Math.round(ended * 0.02), deadline: 0, failed },
    turnedAway: Math.round(ended * 0.03), promptTokens: ended * 410, completionTokens: ended * (over.task === 'embedding' ? 0 : 96), cache: { asked: ended, hits: Math.round(ended * 0.14) },
    queued: 0, waiting: over.waiting ?? 0, firstToken: over.task === 'embedding' ? [] : spread(ended, over.first ?? 0.09), whole: spread(ended, over.whole ?? 1.4), replicas: over.replicas,
  };
}

const between = (value, low, high, count) => ({ value, low, high, count });
const variant = (name, requests, failures, share, seconds, cost, score) => ({
  id: `00000000-0000-0000-0000-0000000${requests}`, name, requests, failures, callers: Math.round(requests / 30), failureShare: share,
  latency: { mean: seconds, p50: seconds, p95: between(seconds.value * 3.1, seconds.value * 2.8, seconds.value * 3.6, requests) }, firstToken: { mean: null, p50: null, p95: null },
  promptTokens: between(311, 290, 332, requests), completionTokens: between(148.2, 139.9, 156.5, requests), cost, score, difference: null,
});

/** A name whose requests two deployments share. */
export function variants(empty) {
  return {
    model: 'demo-chat', from: '2026-11-15T00:00:00Z', to: '2026-11-22T00:00:00Z', currency: 'EUR', method: '95 % bounds. Shares: Wilson. Means: normal approximation. Percentiles: order statistics. All take requests for independent of each other: where few callers make most of them, the truth is wider.',
    items: empty ? [] : [
      variant('demo-chat', 4512, 41, between(0.0091, 0.0067, 0.0123, 4512), between(0.84, 0.81, 0.87, 4471), between(1310, 1280, 1340, 4471), between(0.71, 0.69, 0.73, 902)),
      variant('canary', 1498, 22, between(0.0147, 0.0097, 0.0221, 1498), between(0.66, 0.62, 0.7, 1476), between(980, 950, 1010, 1476), between(0.74, 0.7, 0.78, 287)),
    ],
  };
}

export function traffic(empty) {
  const now = Date.now();
  const aside = { id: 'worker-3:9001', state: 'set-aside', cause: 'failing', until: new Date(now + 2_600).toISOString(), underWay: 0, load: { waiting: 12, running: 4, cacheUse: 0.93, ageSeconds: 1.4 }, failures: 41, lastFailure: { at: new Date(now - 1_400).toISOString(), reason: 'status 503' } };
  const limited = { id: 'u1', state: 'half-open', cause: 'away', until: null, underWay: 1, load: null, failures: 6, lastFailure: { at: new Date(now - 64_000).toISOString(), reason: 'status 429' } };
  const items = [
    deployment(1, 'demo-chat', 6.5, { failing: 0.004, waiting: 2, replicas: [healthy('worker-1:9001', 3), healthy('worker-2:9001', 2), aside] }),
    deployment(2, 'demo-embed', 21, { task: 'embedding', whole: 0.018, replicas: [healthy('worker-1:9001', 1)] }),
    deployment(3, 'far-chat', 0.7, { upstream: 'cloud', first: 0.6, whole: 4.2, failing: 0.02, replicas: [limited] }),
  ];
  return { gateway: { id: 'g1', name: 'gateway-0', startedAt: new Date(began).toISOString(), uptimeSeconds: (now - began) / 1000 }, at: new Date(now).toISOString(), latencyBounds: bounds, items: empty ? [] : items };
}

export const refusals = () =>
  [
    ['key:claims-frontend', 'model.denied', '/v1/chat/completions', 'model_not_allowed', 1],
    ['key:claims-frontend', 'guardrail.blocked', '/v1/chat/completions', 'content_filter', 14],
    ['user:ada', 'session.begun', '/api/session', null, 1],
    ['key:old-batch', 'model.denied', '/v1/embeddings', 'key_not_allowed', 1204],
    ['user:grace', 'session.denied', '/api/session/oidc/callback', 'no_roles', 1],
    ['user:ada', 'webhook.secret.rotated', '/api/webhooks/secret', null, 1],
  ].map(([actor, action, target, reason, count], index) => {
    const at = new Date(Date.now() - index * 417_000 - 20_000).toISOString();
    return { sequence: 6 - index, at, until: at, project: 'default', actor, action, target, reason, count, hash: 'c4'.repeat(32) };
  });

const limit = (number, name, over) => ({
  id: `l${number}`, project: 'default', name, scope: 'key', owner: null, model: null, measure: 'tokens', period: 'day', amount: 2_000_000, createdBy: 'user:console', updatedBy: 'user:console', createdAt: '2026-11-20T08:00:00Z', updatedAt: '2026-11-20T08:00:00Z', ...over,
});

export const limits = [
  limit(1, 'each-key-a-day', {}),
  limit(2, 'whole-project', { scope: 'project', measure: 'cost', period: 'month', amount: 250 }),
  limit(3, 'kiosk-pace', { owner: 'k1', measure: 'requests', period: 'minute', amount: 60, model: 'demo-chat' }),
  limit(4, 'at-once', { scope: 'project', measure: 'concurrency', period: null, amount: 8 }),
];

export function limitStates(keys) {
  const ends = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  const state = (number, used, leased, resetsAt, over = {}) => {
    const of = limits[number - 1];
    return { ...of, used, reserved: over.reserved ?? 0, leased, remaining: Math.max(0, of.amount - used - leased), resetsAt, ...over };
  };
  return {
    currency: 'EUR',
    gateways: 2,
    items: [
      state(1, 1_903_000, 40_000, ends(340), { owner: keys[0]?.id ?? 'k1' }), state(1, 212_400, 10_000, ends(340), { owner: keys[1]?.id ?? 'k2' }), state(1, 0, 0, ends(340), { owner: '0197f2aa-3000-7000-8000-00000000000c' }),
      state(2, 86.4213, 1.5, ends(12_000)), state(3, 60, 0, ends(0.4)), state(4, 0, 8, null, { reserved: 5 }),
    ],
  };
}

const rule = (name, over) => ({ name, kind: 'pii', action: 'mask', appliesTo: 'input', enabled: true, pattern: null, ignoreCase: false, entities: null, words: null, sizes: null, replacement: null, ...over });

/** The rules of one level are saved whole. */
export const guardrails = {
  project: 'default', deployment: null, version: 4, updatedBy: 'user:console', updatedAt: '2026-11-21T16:20:00Z',
  rules: [
    rule('no-contact-data', { entities: ['email', 'phone', 'iban', 'credit-card'], replacement: '[removed]' }),
    rule('no-secrets', { action: 'block', entities: ['aws-key', 'api-key', 'jwt', 'private-key'] }),
    rule('ticket-numbers', { kind: 'pattern', action: 'flag', pattern: 'PROJ-\\d{4,6}', ignoreCase: true }),
    rule('code-names', { kind: 'words', action: 'block', words: ['Bluebird', 'Project Lantern'] }),
    rule('turning', { kind: 'injection', action: 'block', enabled: false }),
    rule('no-novels', { kind: 'size', action: 'block', sizes: { messages: 60, characters: 200_000, tokens: null } }),
  ],
};

export const upstreams = [
  {
    id: 'u1', project: 'default', name: 'cloud', kind: 'openai', baseUrl: 'https://api.example.com/v1', enabled: true, revision: 4, headers: {}, apiVersion: null, message: null, createdBy: 'user:console', createdAt: '2026-11-19T08:00:00Z', updatedBy: 'user:console', updatedAt: '2026-11-20T08:00:00Z',
    models: [{ name: 'far-chat', model: 'large-2', task: 'chat', contextLength: 128_000, visibility: 'project' }, { name: 'far-embed', model: 'embed-3', task: 'embedding', contextLength: 8_192, visibility: 'project' }],
    credential: { endsWith: 'wxyz', setBy: 'user:console', setAt: '2026-11-20T08:00:00Z' },
  },
  {
    id: 'u2', project: 'default', name: 'sister-site', kind: 'anthropic', baseUrl: 'https://models.sister.example', enabled: true, revision: 1, headers: {}, apiVersion: null, createdBy: 'user:console', createdAt: '2026-11-21T08:00:00Z', updatedBy: 'user:console', updatedAt: '2026-11-21T08:00:00Z',
    models: [{ name: 'careful', model: 'careful-1', task: 'chat', contextLength: null, visibility: 'project' }], credential: null,
    message: "The host 'models.sister.example' is not among those that may be called (setting Upstreams:AllowedHosts).",
  },
];

const seconds = (ago) => Math.round(Date.now() / 1000) - ago;
const batch = (number, status, counts, over = {}) => ({
  id: `batch_0197f2aa70007000800000000000000${number}`, endpoint: '/v1/chat/completions', status, errors: null, output_file_id: null, error_file_id: null, created_at: seconds(3_600 * number), expires_at: seconds(3_600 * number - 86_400),
  request_counts: { total: counts[0], completed: counts[1], failed: counts[2] }, ...over,
});

export const batches = () => ({
  object: 'list', first_id: null, last_id: null, has_more: false,
  data: [
    batch(1, 'in_progress', [12_000, 4_310, 12]),
    batch(2, 'completed', [800, 796, 4], { output_file_id: 'file-1', error_file_id: 'file-2', endpoint: '/v1/embeddings' }),
    batch(3, 'failed', [0, 0, 0], { errors: { data: [{ code: 'invalid_json_line', message: 'The line is no JSON object.', line: 17 }] } }),
    batch(4, 'cancelled', [500, 120, 0], { output_file_id: 'file-3' }),
  ],
});

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const job = (number, status, over = {}) => ({
  id: `job_0197f2aa70007000800000000000000${number}`, status, url: '/v1/chat/completions', createdAt: ago(12 * number), expiresAt: ago(12 * number - 1440), endedAt: null,
  progress: { total: 1, done: 0, attempts: 1, waitsUntil: null }, result: null, error: null, ...over,
});

export const jobs = () => ({
  next: null,
  items: [
    job(1, 'running'),
    job(2, 'queued', { progress: { total: 1, done: 0, attempts: 2, waitsUntil: ago(-0.5) } }),
    job(3, 'succeeded', { result: { status: 200, body: null, url: '/api/jobs/x/result' } }),
    job(4, 'failed', { error: { code: 'key_revoked', message: 'The key in whose name it was done was revoked.' } }),
  ],
});
