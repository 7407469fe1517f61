import type { KeyScope } from '../../api/types';

export const everything: KeyScope = { models: [], operations: [] };

/** As the gateway knows them (AiFactory.Contracts, ModelOperations). */
export const operations = [
  { value: 'chat', label: 'chat: chat completions, responses, messages' },
  { value: 'completions', label: 'completions: continue a prompt' },
  { value: 'embeddings', label: 'embeddings' },
  { value: 'rerank', label: 'rerank: rank and score documents' },
  { value: 'tokenize', label: 'tokenize: tokens and templates' },
  { value: 'moderations', label: 'moderations' },
  { value: 'images', label: 'images: made of prompts' },
  { value: 'infer', label: 'infer: KServe and other services' },
];

export function isLimited(scope: KeyScope): boolean {
  return scope.models.length > 0 || scope.operations.length > 0;
}
