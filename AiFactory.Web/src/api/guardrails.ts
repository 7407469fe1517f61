import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request } from './http';

export type GuardrailKind = 'pattern' | 'pii' | 'words' | 'injection' | 'size' | 'topic' | 'schema';
export type GuardrailAction = 'block' | 'mask' | 'flag';
export type GuardrailDirection = 'input' | 'output' | 'both';

export interface GuardrailSizes {
  messages: number | null;
  characters: number | null;
  tokens: number | null;
}

/** Something that texts should not be about; examples are texts that are. */
export interface GuardrailTopic {
  name: string;
  examples: string[];
}

/** Which of the later members it has depends on its kind. */
export interface GuardrailRule {
  name: string;
  kind: GuardrailKind;
  action: GuardrailAction;
  appliesTo: GuardrailDirection;
  enabled: boolean;
  pattern: string | null;
  ignoreCase: boolean;
  entities: string[] | null;
  words: string[] | null;
  sizes: GuardrailSizes | null;
  topics: GuardrailTopic[] | null;
  /** The name of a deployment. */
  judge: string | null;
  /** A cosine, where an embedding model judges. */
  threshold: number | null;
  /** Whose texts of a request are judged; null for all. */
  authors: 'all' | 'users' | null;
  /** What becomes of a text whose judge cannot be asked; null for what the action says. */
  onFailure: 'block' | 'pass' | null;
  /** A JSON schema. */
  schema: unknown;
  replacement: string | null;
}

/** All rules of one level. Version 0 was never saved. */
export interface GuardrailPolicy {
  project: string | null;
  deployment: string | null;
  version: number;
  rules: GuardrailRule[];
  updatedBy: string | null;
  updatedAt: string | null;
}

/** Neither a project nor a deployment: the whole factory. */
export interface GuardrailLevel {
  project: string | null;
  deployment: string | null;
}

function path({ project, deployment }: GuardrailLevel): string {
  if (project === null) {
    return '/api/library/guardrails';
  }
  return projectPath(project, deployment === null ? 'guardrails' : `deployments/${encodeURIComponent(deployment)}/guardrails`);
}

const key = ({ project, deployment }: GuardrailLevel) => ['guardrails', project, deployment] as const;

export const guardrailsQuery = (level: GuardrailLevel) =>
  queryOptions({ queryKey: key(level), queryFn: ({ signal }) => request<GuardrailPolicy>(path(level), { signal }) });

/** The rules of a level are saved whole; the version says which were edited, so that nobody's change is lost. */
export function useSaveGuardrails(level: GuardrailLevel) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { baseVersion: number; rules: GuardrailRule[] }) => request<GuardrailPolicy>(path(level), { method: 'PUT', body }),
    onSuccess: (policy) => client.setQueryData(guardrailsQuery(level).queryKey, policy),
    onError: () => client.invalidateQueries({ queryKey: key(level) }),
  });
}

export interface GuardrailTrial {
  text: string;
  appliesTo: 'input' | 'output';
  project: string;
  deployment: string | null;
}

export interface GuardrailTrialResult {
  outcome: 'passed' | 'masked' | 'blocked';
  /** What a model, or a client, would get. */
  text: string | null;
  /** As `mask:no-mail`. */
  found: string[];
  message: string | null;
}

/** What the rules that hold at the gateway now would do to a text; nothing of it is kept. */
export function useTryGuardrails() {
  return useMutation({ mutationFn: (body: GuardrailTrial) => request<GuardrailTrialResult>('/api/guardrails/try', { method: 'POST', body }) });
}
