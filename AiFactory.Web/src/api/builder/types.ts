// Hand-written mirror of AiFactory.Contracts/Builder, until an OpenAPI document generates it. Times are ISO 8601, ids are UUIDs.

export interface KnowledgeBase {
  name: string;
  description: string | null;
  embeddingModel: string;
  /** In characters. */
  chunkSize: number;
  chunkOverlap: number;
  documents: number;
  chunks: number;
  bytes: number;
  createdAt: string;
}

export interface KnowledgeBaseRequest {
  name: string;
  description: string | null;
  embeddingModel: string;
  chunkSize: number;
  chunkOverlap: number;
}

export type DocumentState = 'queued' | 'parsing' | 'embedding' | 'ready' | 'failed';

export interface KnowledgeDocument {
  id: string;
  name: string;
  contentType: string;
  size: number;
  digest: string;
  state: DocumentState;
  error: string | null;
  chunks: number;
  /** How many of the chunks have their vector. */
  embedded: number;
  createdAt: string;
  updatedAt: string;
}

export interface DocumentText {
  text: string;
  start: number;
  length: number;
  total: number;
}

export type SearchMode = 'hybrid' | 'vector' | 'text';

export interface SearchHit {
  documentId: string;
  documentName: string;
  ordinal: number;
  text: string;
  /** Offsets in the document's text. */
  start: number;
  end: number;
  score: number;
  vectorRank: number | null;
  vectorScore: number | null;
  textRank: number | null;
  textScore: number | null;
}

export interface SearchAnswer {
  results: SearchHit[];
  index: string;
  milliseconds: number;
}

/** What an answer was made from. */
export interface Passage {
  documentId: string;
  documentName: string;
  start: number;
  end: number;
  text: string;
  /** Missing in what was written down before bases were named. */
  knowledgeBase?: string | null;
}

export type PortType = 'text' | 'messages' | 'passages' | 'json' | 'list' | 'boolean' | 'any';

export interface InputPort {
  name: string;
  type: PortType;
  required: boolean;
  /** Several connections may end here. */
  multiple?: boolean;
}

export interface OutputPort {
  name: string;
  type: PortType;
}

export type SettingKind = 'text' | 'longText' | 'number' | 'boolean' | 'select' | 'model' | 'knowledgeBase' | 'json' | 'agent' | 'flow';

export interface StepSetting {
  name: string;
  title: string;
  kind: SettingKind;
  required: boolean;
  default: unknown;
  options: string[] | null;
  help: string | null;
  min: number | null;
  max: number | null;
}

export interface StepType {
  type: string;
  title: string;
  description: string;
  inputs: InputPort[];
  outputs: OutputPort[];
  settings: StepSetting[];
}

export interface FlowNode {
  id: string;
  type: string;
  title: string | null;
  x: number;
  y: number;
  settings: Record<string, unknown>;
}

export interface FlowEdge {
  id: string;
  from: string;
  fromPort: string;
  to: string;
  toPort: string;
}

export interface FlowGraph {
  nodes: FlowNode[];
  edges: FlowEdge[];
}

export interface FlowProblem {
  node: string | null;
  edge: string | null;
  code: string;
  message: string;
}

export interface Flow {
  name: string;
  description: string | null;
  revision: number;
  publishedAlias: string | null;
  publishedRevision?: number | null;
  createdAt: string;
  updatedAt: string;
  /** Null in lists. */
  graph: FlowGraph | null;
}

export interface FlowRevision {
  revision: number;
  createdBy: string;
  createdAt: string;
  /** Null in lists. */
  graph: FlowGraph | null;
}

export interface FlowRequest {
  name: string;
  description: string | null;
  template: string;
  knowledgeBase: string | null;
  model: string | null;
}

export interface FlowSaved {
  revision: number;
  problems: FlowProblem[];
}

export interface PublishedFlow {
  alias: string;
  flow: string;
  revision: number;
  /** `flow/<alias>`: what clients send as the model. */
  model: string;
  publishedAt: string;
}

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export type StepState = 'pending' | 'ready' | 'running' | 'succeeded' | 'failed' | 'skipped';

/** How far the runs are that a map or a loop has begun. */
export interface RunChildren {
  /** Of a loop those so far. */
  total: number;
  done: number;
  /** Of those that are done. */
  failed: number;
}

/** Which step began a run: a map for an item, a loop for a turn. */
export interface RunParent {
  runId: string;
  node: string;
  /** From 0. */
  index: number;
}

export interface RunStep {
  node: string;
  type: string;
  state: StepState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  /** By port; of a large one the beginning, as a text. */
  output: unknown;
  error: string | null;
  /** Whether the output is not whole here. */
  truncated: boolean;
  children?: RunChildren | null;
}

/** A run as lists show it. */
export interface RunSummary {
  id: string;
  flow: string;
  revision: number;
  state: RunState;
  /** The beginning of what was asked. */
  title: string;
  error: string | null;
  usage: { promptTokens: number; completionTokens: number } | null;
  traceId: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Missing where somebody started it. */
  parent?: RunParent | null;
}

export interface Run extends Omit<RunSummary, 'title'> {
  input: unknown;
  output: unknown;
  /** In the order of the graph; null in the answer to a start. */
  steps: RunStep[] | null;
}

export interface RunEvent {
  /** Counts from 1 without a gap; 0 for a `step.delta`, which is not kept. */
  sequence: number;
  type: string;
  node: string | null;
  attempt: number | null;
  at: string;
  data: unknown;
}

export interface Agent {
  name: string;
  description: string | null;
  model: string;
  instructions: string;
  rulesets: string[];
  tools: string[];
  knowledgeBases: string[];
  maxSteps: number;
  maxSeconds: number;
}

export interface Tool {
  name: string;
  description: string;
  /** A JSON schema of the arguments. */
  parameters: unknown;
  kind: 'http';
  method: string;
  url: string;
  headers: Record<string, string>;
  timeoutSeconds: number;
}

export interface RulesetCheck {
  kind: 'forbidden_words' | 'forbidden_pattern' | 'required_pattern' | 'max_characters';
  /** Words with commas between them, a regular expression, or a number. */
  value: string;
}

export interface Ruleset {
  name: string;
  rules: string[];
  checks: RulesetCheck[];
  onViolation: 'reject' | 'retry';
  /** The newest; each save makes another. */
  version?: number;
}

export interface ThreadMessage {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  runId?: string | null;
  passages?: Passage[] | null;
  /** The calls of tools that it was made with. */
  steps?: ThreadStep[] | null;
  createdAt: string;
}

/** A step of a flow, or a call of a tool, on the way to an answer. */
export interface ThreadStep {
  /** `tool`, or the type of the flow's step. */
  type: string;
  state: 'started' | 'succeeded' | 'failed' | 'retried' | 'skipped';
  node?: string | null;
  tool?: string | null;
  callId?: string | null;
  arguments?: string | null;
  result?: string | null;
  error?: string | null;
}

export interface Thread {
  id: string;
  title: string | null;
  /** `flow:<name>`, `agent:<name>` or `model:<name>`. */
  target: string;
  createdAt: string;
  updatedAt: string;
  /** Oldest first; null in lists. */
  messages: ThreadMessage[] | null;
}
