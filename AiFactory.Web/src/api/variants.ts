import { queryOptions } from '@tanstack/react-query';
import { request, withQuery } from './http';

/** A figure and what it lies between with 95 % confidence; without bounds where there are too few values. */
export interface Interval {
  value: number;
  low: number | null;
  high: number | null;
  count: number;
}

export interface VariantTimes {
  mean: Interval | null;
  p50: Interval | null;
  p95: Interval | null;
}

/** Times in seconds, costs in millionths of the currency. */
export interface Variant {
  id: string;
  name: string | null;
  requests: number;
  failures: number;
  callers: number;
  failureShare: Interval | null;
  latency: VariantTimes;
  firstToken: VariantTimes;
  promptTokens: Interval | null;
  completionTokens: Interval | null;
  cost: Interval | null;
  score: Interval | null;
}

export interface VariantReport {
  model: string;
  from: string;
  to: string;
  currency: string;
  method: string;
  items: Variant[];
}

const interval = 10_000;
const days = 7;

/** The last week. */
export const variantsQuery = (project: string, model: string) =>
  queryOptions({
    queryKey: ['variants', project, model],
    queryFn: ({ signal }) =>
      request<VariantReport>(withQuery('/api/usage/variants', { model, project, from: new Date(Date.now() - days * 86_400_000).toISOString() }), { signal }),
    refetchInterval: interval,
  });
