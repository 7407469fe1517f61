import type { Limit, LimitMeasure, LimitPeriod, LimitScope, LimitState } from '../../api/limits';
import { formatNumber } from '../../components/format';

export const scopes: Record<LimitScope, { label: string; each: string; one: (owner: string) => string }> = {
  key: { label: 'an API key', each: 'for each API key', one: (owner) => `for the key ${owner}` },
  user: { label: 'a user', each: 'for each user', one: (owner) => `for ${owner}` },
  project: { label: 'a project as a whole', each: 'for each project', one: (owner) => `for the project ${owner}` },
  factory: { label: 'the whole factory', each: 'for the whole factory', one: () => 'for the whole factory' },
};

export const measures: Record<LimitMeasure, { label: string; unit: (currency: string) => string }> = {
  requests: { label: 'Requests', unit: () => 'requests' },
  tokens: { label: 'Tokens, of prompts and answers', unit: () => 'tokens' },
  cost: { label: 'Money', unit: (currency) => currency },
  concurrency: { label: 'Requests at once', unit: () => 'requests at once' },
};

export const periods: Record<LimitPeriod, { label: string; text: string }> = {
  minute: { label: 'a minute', text: 'a minute' },
  hour: { label: 'an hour', text: 'an hour' },
  day: { label: 'a day (UTC)', text: 'a day' },
  month: { label: 'a month (UTC)', text: 'a month' },
  total: { label: 'in all, for ever', text: 'in all' },
};

/** As a list of choices. */
export function choices<K extends string>(table: Record<K, { label: string }>, keys = Object.keys(table) as K[]): { value: K; label: string }[] {
  return keys.map((value) => ({ value, label: table[value].label }));
}

const money = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

export const formatAmount = (value: number) => (Number.isInteger(value) ? formatNumber(value) : money.format(value));

/** "5,000 tokens a day". */
export function allowance({ measure, period, amount }: Pick<Limit, 'measure' | 'period' | 'amount'>, currency: string): string {
  return [formatAmount(amount), measures[measure].unit(currency), period && periods[period].text].filter(Boolean).join(' ');
}

/** "for each API key, of the model demo-chat". */
export function whose({ scope, owner, model, project }: Pick<Limit, 'scope' | 'owner' | 'model' | 'project'>, ownerName: (owner: string) => string): string {
  const who = scope === 'project' && project !== null ? 'for the whole project' : owner === null ? scopes[scope].each : scopes[scope].one(ownerName(owner));
  return model === null ? who : `${who}, of the model ${model}`;
}

export interface LimitRow {
  limit: Limit | LimitState;
  /** Whether the library has it, and it can be changed. */
  isKept: boolean;
  /** One for each owner who used some of it; the most used first. */
  states: LimitState[];
}

/** What the library keeps, and how gateways say it stands; either may be away, and one that was just made is not at the gateways yet. */
export function rowsOf(limits: readonly Limit[], states: readonly LimitState[]): LimitRow[] {
  const kept = new Set(limits.map(({ id }) => id));
  const others = new Map(states.filter(({ id }) => !kept.has(id)).map((state) => [state.id, state]));
  return [...limits, ...others.values()]
    .map((limit) => ({
      limit,
      isKept: kept.has(limit.id),
      states: states.filter(({ id }) => id === limit.id).sort((a, b) => taken(b) - taken(a)),
    }))
    .sort((a, b) => a.limit.name.localeCompare(b.limit.name));
}

/** What is used or held, of what may be: 0 to 1, and more where the amount was made smaller. */
export function taken({ used, leased, amount }: LimitState): number {
  return (used + leased) / amount;
}
