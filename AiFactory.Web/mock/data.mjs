// Development and tests only: see server.mjs.
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const digest = (seed) => `sha256:${Array.from({ length: 64 }, (_, index) => ((index * 7 + seed * 13) % 16).toString(16)).join('')}`;

const metadata = (over = {}) => ({
  format: 'gguf',
  architecture: 'llama',
  task: 'chat',
  quantization: 'Q8_0',
  parameters: 5_243_904,
  contextLength: 2048,
  embeddingLength: 256,
  layers: 6,
  vocabularySize: 4096,
  license: 'apache-2.0',
  hasChatTemplate: true,
  ...over,
});

let sequence = 0;
const step = (stage, outcome, detail, actor, seconds) => ({ sequence: ++sequence, stage, outcome, detail, actor, at: ago(seconds) });

const version = (model, over = {}) => ({
  id: `0197f2a0-0000-7000-8000-${String(++sequence).padStart(12, '0')}`,
  project: 'default',
  model,
  version: 1,
  tag: 'latest',
  state: 'approved',
  reason: null,
  digest: digest(sequence),
  sizeBytes: 5_904_128,
  metadata: metadata(),
  author: 'system:seed',
  sourceId: '0197f2a0-0000-7000-8000-00000000feed',
  createdAt: ago(5400),
  revokedBy: null,
  revokedAt: null,
  evidence: [
    step('discovered', 'passed', `${model}.gguf in source models, tag latest`, 'worker:sync', 5400),
    step('copied', 'passed', '5,904,128 bytes, sha256 3f1c09a7be52 verified after the copy', 'worker:sync', 5399),
    step('scanned', 'passed', 'GGUF version 3: 21 metadata keys and 57 tensors, every offset inside the file', 'worker:scan', 5398),
    step('policy', 'passed', 'Rule seed-default: licence stated, format allowed', 'policy:seed-default', 5397),
    step('approval', 'approved', 'Approved by the seed policy', 'system:seed', 5396),
  ],
  ...over,
});

const model = (name, versions) => ({ project: 'default', name, createdAt: versions.at(-1).createdAt, versions });

const refused = version('broken-chat', {
  state: 'quarantined',
  reason: "at byte 1834: tensor 'blk.0.attn_q.weight' ends at byte 5904128, but the file has 2048 bytes",
  metadata: null,
  sizeBytes: 2048,
  createdAt: ago(340),
  evidence: [
    step('discovered', 'passed', 'broken-chat.gguf in source models, tag latest', 'worker:sync', 340),
    step('copied', 'passed', '2,048 bytes, sha256 90be11ac77d0 verified after the copy', 'worker:sync', 339),
    step('scanned', 'failed', "malformed, at byte 1834: tensor 'blk.0.attn_q.weight' ends at byte 5904128, but the file has 2048 bytes", 'worker:scan', 339),
  ],
});

const waiting = version('acme/Llama-3.1-8B-Instruct', {
  version: 2,
  tag: 'v1.1',
  state: 'pending-approval',
  sizeBytes: 8_541_000_000,
  metadata: metadata({ parameters: 8_030_261_248, contextLength: 131_072, embeddingLength: 4096, layers: 32, vocabularySize: 128_256, license: 'llama3.1' }),
  author: 'key:ci-importer',
  createdAt: ago(1200),
});
waiting.evidence.pop();

const replica = (port, over = {}) => ({
  worker: `worker-${port}`,
  url: `http://localhost:${port}`,
  state: 'ready',
  message: null,
  progress: null,
  memoryBytes: 31_457_280,
  contextLength: 2048,
  lastSeenAt: ago(1),
  ...over,
});

const deployment = (name, over = {}) => ({
  id: `dep-${name}`,
  project: 'default',
  name,
  model: name,
  modelVersion: 1,
  modelVersionId: '0197f2a0-0000-7000-8000-000000000006',
  task: 'chat',
  digest: digest(3),
  visibility: 'project',
  replicas: 1,
  readyReplicas: 1,
  contextLength: null,
  slots: null,
  phase: 'ready',
  message: null,
  endpoint: '/v1/chat/completions',
  createdBy: 'system:seed',
  createdAt: ago(5300),
  updatedAt: ago(5300),
  observed: [replica(41235)],
  ...over,
});

export function createData() {
  return {
    projects: [
      { name: 'default', displayName: 'Default', approvalPolicy: 'single', createdAt: ago(9000) },
      { name: 'claims', displayName: 'Claims assistant', approvalPolicy: 'second-person', createdAt: ago(8000) },
    ],
    models: [
      model('demo-chat', [version('demo-chat', { version: 2, tag: 'latest', createdAt: ago(600) }), version('demo-chat')]),
      model('demo-embed', [version('demo-embed', { metadata: metadata({ architecture: 'bert', task: 'embedding', hasChatTemplate: false, quantization: 'F16', contextLength: 512, embeddingLength: 384 }) })]),
      model('acme/Llama-3.1-8B-Instruct', [waiting, version('acme/Llama-3.1-8B-Instruct', { tag: 'v1.0', sizeBytes: 8_541_000_000 })]),
      model('broken-chat', [refused]),
      model('acme/qwen-7b', [version('acme/qwen-7b', { state: 'scanning', metadata: null, digest: digest(9), sizeBytes: 4_680_000_000, createdAt: ago(8), evidence: [step('discovered', 'passed', 'qwen-7b.gguf', 'worker:sync', 8)] })]),
      model('acme/old-model', [version('acme/old-model', { state: 'rejected', reason: 'The licence forbids commercial use.' })]),
    ],
    rollouts: [
      {
        id: 'r2', project: 'default', deployment: 'demo-chat', candidate: 'canary', baseline: 'demo-chat', strategy: 'canary', state: 'halted', step: 1, stepSince: ago(24), percent: 25,
        message: 'canary failed 31 of 412 requests (7.52 %), demo-chat failed 11 of 1240 requests (0.89 %): at most 5 % may fail.',
        steps: [{ percent: 10, duration: '00:10:00', requests: 200 }, { percent: 25, duration: '00:30:00', requests: null }, { percent: 50, duration: '01:00:00', requests: null }],
        gates: { maxFailureShare: 0.05, maxFailureIncrease: 0.02, maxP95Ratio: 1.5, maxP99Ratio: null, minRequests: 50, longestWait: '01:00:00' }, readyWithin: '00:10:00', onFailure: 'halt',
        observed: { candidate: { requests: 412, failures: 31, left: 2, hanging: 0, p50: 0.61, p95: 2.02, p99: 3.4 }, baseline: { requests: 1240, failures: 11, left: 2, hanging: 0, p50: 0.83, p95: 2.61, p99: 3.9 }, before: { requests: 4400, failures: 40, left: 2, hanging: 0, p50: 0.83, p95: 2.6, p99: 3.9 } },
        observedAt: ago(2), createdBy: 'user:console', createdAt: ago(36), updatedAt: ago(2), endedAt: null,
      },
    ],
    deployments: [
      deployment('demo-chat', { traffic: { splits: [{ deployment: 'canary', percent: 25 }], stickyBy: 'caller', fallbacks: ['llama-8b'], shadow: { deployment: 'night-shift', percent: 5 } }, cache: { responses: true, ttl: '08:00:00', deterministicOnly: true, semantic: { embeddings: 'demo-embed', threshold: 0.95 } }, routing: { hedgeAfter: '00:00:00.800', preferZone: true }, replicas: 2, readyReplicas: 2, observed: [replica(41235), replica(41236)] }),
      deployment('demo-embed', { task: 'embedding', endpoint: '/v1/embeddings', visibility: 'factory' }),
      deployment('llama-8b', { model: 'acme/Llama-3.1-8B-Instruct', phase: 'progressing', replicas: 2, readyReplicas: 0, message: 'worker-41235 fetches the weights', observed: [replica(41235, { state: 'fetching', progress: 0.42, memoryBytes: null, contextLength: null }), replica(41236, { state: 'loading', progress: 0.08, memoryBytes: 812_000_000 })] }),
      deployment('qwen-eu', { model: 'acme/qwen-7b', phase: 'failed', readyReplicas: 0, message: 'worker-41236: the model needs 14.2 GiB, but 7.8 GiB are free', observed: [replica(41236, { state: 'failed', message: 'out of memory', memoryBytes: null })] }),
      deployment('night-shift', { phase: 'stopped', replicas: 0, readyReplicas: 0, message: 'Scaled to 0 replicas', observed: [] }),
      deployment('canary', { phase: 'pending', readyReplicas: 0, message: 'No worker has room for it yet', observed: [] }),
    ],
    sources: [
      { id: 's1', project: 'default', name: 'models', kind: 'directory', location: '/srv/aifactory/models', namePattern: null, tagFilter: null, enabled: true, createdBy: 'system:seed', createdAt: ago(5400), lastSync: { id: 'y1', state: 'succeeded', error: null, discovered: 6, added: 2, skipped: 1, queuedAt: ago(341), finishedAt: ago(338) } },
      { id: 's2', project: 'default', name: 'acme-share', kind: 'directory', location: '/mnt/nfs/acme/model-exchange/2026/released', namePattern: 'acme/**', tagFilter: '^v\\d+\\.\\d+$', enabled: true, createdBy: 'user:console', createdAt: ago(4400), lastSync: { id: 'y2', state: 'failed', error: 'The directory /mnt/nfs/acme/model-exchange/2026/released cannot be read: stale file handle.', discovered: 0, added: 0, skipped: 0, queuedAt: ago(60), finishedAt: ago(59) } },
      { id: 's3', project: 'default', name: 'archive', kind: 'directory', location: '/srv/archive', namePattern: null, tagFilter: null, enabled: false, createdBy: 'user:console', createdAt: ago(400), lastSync: null },
    ],
    workers: [
      { url: 'http://localhost:41235', state: 'ready', hardware: 'AMD EPYC 9554, AVX-512', threads: 16, memoryBytes: 68_719_476_736, deployments: 3, lastSeenAt: ago(1) },
      { url: 'http://localhost:41236', state: 'draining', hardware: 'AMD EPYC 9554, AVX-512', threads: 16, memoryBytes: 68_719_476_736, deployments: 2, lastSeenAt: ago(2) },
      { url: 'http://localhost:41237', state: 'lost', hardware: 'Intel Xeon 8481C, AMX', threads: 2, memoryBytes: 25_769_803_776, deployments: 0, lastSeenAt: ago(95) },
    ],
    keys: [
      { id: 'k1', project: 'default', name: 'claims-frontend', prefix: 'aif_9fK2', roles: ['developer'], factoryWide: false, createdBy: 'user:console', createdAt: ago(5000), expiresAt: new Date(Date.now() + 80 * 86_400_000).toISOString(), revokedAt: null, scope: { models: ['demo-*', 'flow/help'], operations: ['chat', 'embeddings'] }, replaces: 'k4', replacedBy: null },
      { id: 'k4', project: 'default', name: 'claims-frontend', prefix: 'aif_3xW8', roles: ['developer'], factoryWide: false, createdBy: 'user:console', createdAt: ago(90_000), expiresAt: new Date(Date.now() + 20 * 3_600_000).toISOString(), revokedAt: null, scope: { models: ['demo-*', 'flow/help'], operations: ['chat', 'embeddings'] }, replaces: null, replacedBy: 'k1' },
      { id: 'k2', project: 'default', name: 'admin', prefix: 'aif_Zt71', roles: ['admin'], factoryWide: true, createdBy: 'system:seed', createdAt: ago(5400), expiresAt: null, revokedAt: null, scope: null, replaces: null, replacedBy: null },
      { id: 'k3', project: 'default', name: 'old-batch', prefix: 'aif_Q0aa', roles: ['developer', 'approver'], factoryWide: false, createdBy: 'user:console', createdAt: ago(500_000), expiresAt: null, revokedAt: ago(4000), scope: null, replaces: null, replacedBy: null },
    ],
    audit: Array.from({ length: 53 }, (_, index) => ({
      sequence: 53 - index,
      at: ago(30 + index * 97),
      project: 'default',
      actor: ['user:console', 'system:seed', 'worker:sync', 'key:ci-importer'][index % 4],
      action: ['deployment.updated', 'model.approved', 'model.quarantined', 'key.created', 'source.synced'][index % 5],
      target: ['deployment/demo-chat', 'model-version/0197f2a0-0000-7000-8000-000000000006', 'key/k1'][index % 3],
      detail: index % 3 === 2 ? null : { before: { replicas: 1 }, after: { replicas: 2 }, reason: 'more clients' },
    })),
  };
}
