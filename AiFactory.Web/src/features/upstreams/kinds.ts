import type { UpstreamKind } from '../../api/upstreams';

/** What each protocol takes. */
export const kinds: Record<UpstreamKind, { label: string; address: string; about: string; hasVersion: boolean }> = {
  openai: { label: 'OpenAI-compatible', address: 'https://api.example.com/v1', about: 'As its own clients take it, with /v1', hasVersion: false },
  'azure-openai': { label: 'Azure OpenAI', address: 'https://NAME.openai.azure.com', about: 'Of the resource, without a path', hasVersion: true },
  anthropic: { label: 'Anthropic', address: 'https://api.anthropic.com', about: 'Chat completions are translated there and back', hasVersion: false },
};

export const kindChoices = Object.entries(kinds).map(([value, { label }]) => ({ value, label }));

export const tasks = [
  { value: 'chat', label: 'chat' },
  { value: 'embedding', label: 'embedding' },
  { value: 'rerank', label: 'rerank' },
  { value: 'moderation', label: 'moderation' },
  { value: 'image', label: 'image' },
];
