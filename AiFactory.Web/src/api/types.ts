// Hand-written mirror of AiFactory.Contracts/Library, until an OpenAPI document generates it. Times are ISO 8601, ids are UUIDs.

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Session {
  subject: string;
  project: string | null;
  roles: string[];
  factoryWide: boolean;
  permissions: string[];
  /** What a person is called, where the identity provider says it. */
  name?: string | null;
  /** When it ends unless it is renewed. */
  expiresAt?: string | null;
  renewable?: boolean;
  /** The projects in which the person may do other things than in the factory as a whole. */
  projects?: { name: string; roles: string[]; permissions: string[] }[] | null;
}

export type ApprovalPolicy = 'single' | 'second-person';

export interface Project {
  name: string;
  displayName: string;
  approvalPolicy: ApprovalPolicy;
  createdAt: string;
}

export type ModelVersionState =
  | 'discovered'
  | 'scanning'
  | 'quarantined'
  | 'pending-approval'
  | 'approved'
  | 'rejected'
  | 'failed'
  | 'revoked';

export interface ModelMetadata {
  format: string;
  architecture: string;
  task: string;
  quantization: string | null;
  parameters: number;
  contextLength: number;
  embeddingLength: number;
  layers: number;
  vocabularySize: number;
  license: string | null;
  hasChatTemplate: boolean;
}

export interface Evidence {
  sequence: number;
  stage: string;
  outcome: string;
  detail: string;
  actor: string;
  at: string;
}

export interface ModelVersion {
  id: string;
  project: string;
  model: string;
  version: number;
  tag: string;
  state: ModelVersionState;
  reason: string | null;
  digest: string | null;
  sizeBytes: number;
  /** The files of a model that comes in several, in their order; the digest and the size above are those of all. */
  parts?: { digest: string; sizeBytes: number }[] | null;
  metadata: ModelMetadata | null;
  author: string;
  sourceId: string;
  createdAt: string;
  evidence: Evidence[];
  revokedBy: string | null;
  revokedAt: string | null;
}

/** The newest version comes first. */
export interface Model {
  project: string;
  name: string;
  createdAt: string;
  versions: ModelVersion[];
}

export interface ApprovalRequest {
  decision: 'approve' | 'reject';
  comment: string | null;
}

export type DeploymentPhase = 'pending' | 'progressing' | 'ready' | 'degraded' | 'failed' | 'stopped' | 'revoked';

export type Visibility = 'project' | 'factory';

export interface Replica {
  worker: string;
  url: string;
  state: string;
  message: string | null;
  /** 0 to 1. */
  progress: number | null;
  memoryBytes: number | null;
  contextLength: number | null;
  lastSeenAt: string;
}

/** In percent: 1 to 100. */
export interface TrafficSplit {
  deployment: string;
  percent: number;
}

/** Who else answers requests for a deployment. What is null or left out is not there. */
export interface TrafficPolicy {
  /** Of the rest the deployment itself. */
  splits?: TrafficSplit[] | null;
  strategy?: 'weighted' | 'latency' | null;
  /** `caller` or `header:NAME`. */
  stickyBy?: string | null;
  /** In the order in which they are asked. */
  fallbacks?: string[] | null;
  /** Gets copies, whose answers nobody sees. */
  shadow?: TrafficSplit | null;
}

/** Answers are given again within their project alone. */
export interface CachePolicy {
  responses?: boolean;
  /** The vector of each text. */
  embeddings?: boolean;
  /** As `01:00:00`; one hour where it is null. */
  ttl?: string | null;
  /** Without answers that chance has a part in. */
  deterministicOnly?: boolean;
  /** Questions that mean nearly the same get the answer too. */
  semantic?: { embeddings: string; threshold: number } | null;
}

export interface RoutingPolicy {
  /** As `00:00:00.800`: without a first token by then, a stream is asked of a second replica too. */
  hedgeAfter?: string | null;
  preferZone?: boolean;
}

export interface Deployment {
  id: string;
  project: string;
  name: string;
  model: string;
  modelVersion: number;
  modelVersionId: string;
  task: string;
  digest: string;
  visibility: Visibility;
  replicas: number;
  readyReplicas: number;
  contextLength: number | null;
  slots: number | null;
  /** What the workers pack the weights as; null as they are. */
  quantization?: string | null;
  /** Which other deployments answer its requests; rollouts move it. */
  traffic?: TrafficPolicy | null;
  /** Which of its answers the gateways keep. */
  cache?: CachePolicy | null;
  /** How its replicas are chosen, beyond what gateways do for all. */
  routing?: RoutingPolicy | null;
  phase: DeploymentPhase;
  message: string | null;
  endpoint: string;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
  observed: Replica[];
}

export interface DeploymentRequest {
  name: string;
  modelVersionId: string;
  visibility: Visibility | null;
  replicas: number | null;
  contextLength: number | null;
  slots: number | null;
  quantization: string | null;
  traffic?: TrafficPolicy | null;
  cache?: CachePolicy | null;
  routing?: RoutingPolicy | null;
  /** As it was read: refused where it was changed since. */
  updatedAt?: string;
}

export interface SyncResult {
  id: string;
  state: 'queued' | 'running' | 'succeeded' | 'failed';
  error: string | null;
  discovered: number;
  added: number;
  skipped: number;
  queuedAt: string;
  finishedAt: string | null;
}

export interface Source {
  id: string;
  project: string;
  name: string;
  kind: string;
  location: string;
  namePattern: string | null;
  tagFilter: string | null;
  enabled: boolean;
  createdBy: string;
  createdAt: string;
  lastSync: SyncResult | null;
}

export interface SourceRequest {
  name: string;
  kind: string;
  location: string;
  namePattern: string | null;
  tagFilter: string | null;
  enabled: boolean | null;
}

export interface Worker {
  url: string;
  state: 'ready' | 'draining' | 'lost';
  hardware: string;
  threads: number;
  memoryBytes: number;
  deployments: number;
  lastSeenAt: string;
}

/** What a key may call; an empty list is all. A key with a scope calls models and opens nothing else. */
export interface KeyScope {
  models: string[];
  operations: string[];
}

export interface ApiKey {
  id: string;
  project: string;
  name: string;
  prefix: string;
  roles: string[];
  factoryWide: boolean;
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  scope: KeyScope | null;
  /** The key in whose place it came, and the one that came in its place. */
  replaces: string | null;
  replacedBy: string | null;
}

export interface ApiKeyRequest {
  name: string;
  roles: string[] | null;
  factoryWide: boolean;
  expiresAt: string | null;
  scope: KeyScope | null;
}

export interface ApiKeyCreated {
  key: ApiKey;
  secret: string;
  /** Of a rotation: the former key, with the time at which it ends. */
  replaced?: ApiKey | null;
}

export interface KeyRotationRequest {
  overlapSeconds: number;
  expiresAt: string | null;
}

/** What the library keeps: who changed what. */
export interface AuditEntry {
  sequence: number;
  at: string;
  project: string | null;
  actor: string;
  action: string;
  target: string;
  detail: unknown;
}

/** What gateways keep: refused calls, sessions, and what was done to them. Several of a kind within some seconds are one, from `at` to `until`. */
export interface CallAuditEntry {
  sequence: number;
  at: string;
  until: string;
  project: string | null;
  actor: string;
  action: string;
  target: string;
  reason: string | null;
  count: number;
  /** Over the entry before and this one. */
  hash: string;
}

/** Whether the chain of these entries is whole. */
export interface ChainCheck {
  entries: number;
  intact: boolean;
  brokenAt: number | null;
  head: string | null;
}
