import type { CachePolicy, RoutingPolicy } from '../../api/types';
import { formatSeconds, formatSpan, secondsOf } from './spans';

/** What gateways keep an answer for where a policy does not say. */
export const usualTtl = '01:00:00';

/** A policy without what says nothing; null when it keeps nothing. */
export function plainCache({ responses, embeddings, ttl, deterministicOnly, semantic, ...rest }: CachePolicy): CachePolicy | null {
  if (!responses && !embeddings) {
    return Object.keys(rest).length > 0 ? rest : null;
  }
  return {
    ...rest,
    ...(responses && { responses }),
    ...(embeddings && { embeddings }),
    ...(ttl && { ttl }),
    ...(responses && deterministicOnly && { deterministicOnly }),
    ...(responses && semantic && { semantic }),
  };
}

/** Likewise; null when it says nothing that gateways do not do for all. */
export function plainRouting({ hedgeAfter, preferZone, ...rest }: RoutingPolicy): RoutingPolicy | null {
  const plain = { ...rest, ...(hedgeAfter && { hedgeAfter }), ...(preferZone && { preferZone }) };
  return Object.keys(plain).length > 0 ? plain : null;
}

/** What of a model with this task is kept whole; undefined where gateways keep nothing of it. */
export const keptAnswers = (task: string): string | undefined => ({ chat: 'Answers', rerank: 'Rankings', embedding: 'Rankings' })[task];

/** What both do for a model with this task, a sentence each. */
export function policySentences(task: string, cache: CachePolicy | null, routing: RoutingPolicy | null): string[] {
  const sentences: string[] = [];
  const kept = formatSpan(cache?.ttl ?? usualTtl);
  if (cache?.responses) {
    sentences.push(`${keptAnswers(task) ?? 'Answers'} are kept for ${kept}${cache.deterministicOnly ? ', where chance had no part in them' : ''}, and given again to who asks the same in the same project.`);
  }
  if (cache?.embeddings) {
    sentences.push(`The vector of each text is kept for ${kept}.`);
  }
  if (cache?.semantic) {
    sentences.push(`A question that means nearly the same gets the answer too: from a cosine of ${cache.semantic.threshold}, as ${cache.semantic.embeddings} sees them.`);
  }
  if (routing?.hedgeAfter) {
    sentences.push(`A stream without a first token after ${formatSeconds(secondsOf(routing.hedgeAfter))} is asked of a second replica too.`);
  }
  if (routing?.preferZone) {
    sentences.push("Replicas of the gateway's own zone are asked first, while they have room.");
  }
  return sentences;
}
