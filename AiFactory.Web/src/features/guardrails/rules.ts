import type { GuardrailAction, GuardrailDirection, GuardrailKind, GuardrailRule, GuardrailSizes } from '../../api/guardrails';
import { formatNumber } from '../../components/format';

export const kinds: Record<GuardrailKind, { label: string; about: string }> = {
  pii: { label: 'Personal data and secrets', about: 'Finds the kinds that are chosen; where a kind has a checksum, only what passes it.' },
  words: { label: 'Words and phrases', about: 'In whatever case, as whole words.' },
  pattern: { label: 'A pattern', about: 'A regular expression of .NET without look-around and backreferences, which no text can make slow.' },
  injection: { label: 'Attempts to turn the model', about: 'Phrases that talk a model out of its instructions.' },
  size: { label: 'Sizes', about: 'How much one request may ask; what is left empty has no limit.' },
  topic: { label: 'Topics', about: 'What a text is about, as a model of the factory judges it: it gets every text that the rule reads.' },
  schema: { label: 'The form of answers', about: 'Answers that are no JSON, or do not fit a JSON schema.' },
};

export const actions: Record<GuardrailAction, { label: string; about: string }> = {
  block: { label: 'Block', about: 'The request is refused.' },
  mask: { label: 'Mask', about: 'Something else is put in its place before the model sees it, for good.' },
  flag: { label: 'Flag', about: 'It passes, is counted, and named in a header and in the usage record.' },
};

export const directions: Record<GuardrailDirection, { label: string }> = {
  input: { label: 'Requests' },
  output: { label: 'Answers' },
  both: { label: 'Requests and answers' },
};

export const entities: Record<string, string> = {
  email: 'E-mail address',
  phone: 'Phone number',
  'credit-card': 'Credit card',
  iban: 'IBAN',
  'ip-address': 'IP address',
  'us-ssn': 'US social security number',
  'de-tax-id': 'German tax id',
  'ch-ahv': 'Swiss AHV number',
  'aws-key': 'AWS access key',
  'api-key': 'API key',
  jwt: 'JSON web token',
  'private-key': 'Private key',
};

export const sizes: readonly { member: keyof GuardrailSizes; label: string; unit: string }[] = [
  { member: 'messages', label: 'Messages', unit: 'messages' },
  { member: 'characters', label: 'Characters of all texts', unit: 'characters' },
  { member: 'tokens', label: 'Tokens that it asks for', unit: 'tokens asked for' },
];

export const blank: GuardrailRule = {
  name: '', kind: 'pii', action: 'mask', appliesTo: 'input', enabled: true, pattern: null, ignoreCase: false, entities: ['email'], words: null, sizes: null, topics: null, judge: null, threshold: null,
  authors: null, onFailure: null, schema: null, replacement: null,
};

const noSizes: GuardrailSizes = { messages: null, characters: null, tokens: null };

/** Nothing of another kind is left, and what this kind needs is there to be filled in. */
export function ofKind(rule: GuardrailRule, kind: GuardrailKind): GuardrailRule {
  const action = !canMask(kind) && rule.action === 'mask' ? 'block' : rule.action;
  return {
    ...rule,
    kind,
    action,
    appliesTo: kind === 'schema' ? 'output' : rule.appliesTo,
    pattern: kind === 'pattern' ? (rule.pattern ?? '') : null,
    ignoreCase: kind === 'pattern' && rule.ignoreCase,
    entities: kind === 'pii' ? (rule.entities ?? []) : null,
    words: kind === 'words' ? (rule.words ?? []) : null,
    sizes: kind === 'size' ? (rule.sizes ?? noSizes) : null,
    topics: kind === 'topic' ? (rule.topics ?? [{ name: '', examples: [] }]) : null,
    judge: kind === 'topic' ? (rule.judge ?? '') : null,
    threshold: kind === 'topic' ? rule.threshold : null,
    authors: kind === 'topic' ? rule.authors : null,
    onFailure: kind === 'topic' ? rule.onFailure : null,
    schema: kind === 'schema' ? (rule.schema ?? { type: 'object' }) : null,
    replacement: action === 'mask' ? rule.replacement : null,
  };
}

/** What the other kinds find has no place in the text. */
export const canMask = (kind: GuardrailKind) => kind === 'pii' || kind === 'words' || kind === 'pattern';

/** What a rule looks for, in words; the pattern is shown as it is. */
export function looksFor(rule: GuardrailRule): string {
  const most = 6;
  const listed = (names: readonly string[]) => names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');
  const texts: Record<GuardrailKind, () => string> = {
    pii: () => listed((rule.entities ?? []).map((entity) => entities[entity] ?? entity)),
    words: () => listed(rule.words ?? []),
    pattern: () => rule.pattern ?? '',
    injection: () => kinds.injection.about,
    size: () =>
      `more than ${sizes
        .filter(({ member }) => rule.sizes?.[member])
        .map(({ member, unit }) => `${formatNumber(rule.sizes?.[member] ?? 0)} ${unit}`)
        .join(' or ')}`,
    topic: () => `${listed((rule.topics ?? []).map((topic) => topic.name))}, as ${rule.judge ?? ''} judges`,
    schema: () => 'answers that are no JSON of its schema',
  };
  return texts[rule.kind]?.() ?? rule.kind;
}

/** The library names a rule by its place: what it says of this one, by field. */
export function errorsOf(fields: Record<string, string>, index: number): Record<string, string> {
  const prefix = `rules[${index}].`;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field.startsWith(prefix)).map(([field, error]) => [field.slice(prefix.length), error]));
}
