import type { TrafficPolicy, TrafficSplit } from '../../api/types';

const header = 'header:';

/** Whose requests stay with one deployment. */
export type Sticky = 'request' | 'caller' | 'header';

export function stickyOf(policy: TrafficPolicy): { sticky: Sticky; header: string } {
  const { stickyBy } = policy;
  return stickyBy?.startsWith(header) ? { sticky: 'header', header: stickyBy.slice(header.length) } : { sticky: stickyBy ? 'caller' : 'request', header: '' };
}

export const stickyBy = (sticky: Sticky, name: string): string | null => (sticky === 'header' ? header + name.trim() : sticky === 'caller' ? 'caller' : null);

/** What is left for the deployment that clients name; below 0 where others have more than all. */
export const ownShare = (splits: readonly TrafficSplit[]): number => 100 - splits.reduce((sum, { percent }) => sum + percent, 0);

/** Everybody who answers, the deployment itself first, with what each has of the requests. */
export function whoAnswers(name: string, policy: TrafficPolicy): TrafficSplit[] {
  const splits = policy.splits ?? [];
  return [{ deployment: name, percent: ownShare(splits) }, ...splits];
}

/** A policy without what says nothing; null when nothing is left. Who stays with whom is kept without shares too: a rollout takes them back and gives them anew. */
export function plainPolicy(policy: TrafficPolicy): TrafficPolicy | null {
  const { splits, strategy, stickyBy: sticky, fallbacks, shadow, ...rest } = policy;
  const plain: TrafficPolicy = {
    ...rest,
    ...(splits?.length && { splits }),
    ...(strategy === 'latency' && { strategy }),
    ...(sticky && { stickyBy: sticky }),
    ...(fallbacks?.length && { fallbacks }),
    ...(shadow && { shadow }),
  };
  return Object.keys(plain).length > 0 ? plain : null;
}

/** What the policy does, a sentence each; the shares have a picture of their own. */
export function sentencesOf(policy: TrafficPolicy): string[] {
  const { sticky, header: name } = stickyOf(policy);
  const { splits, strategy, fallbacks, shadow } = policy;
  const sentences: string[] = [];
  if (splits?.length) {
    if (strategy === 'latency') {
      sentences.push('Who answers soonest gets the most of them; the shares say who takes part, and how much.');
    }
    sentences.push(
      { request: 'Chance decides for each request anew.', caller: 'Each caller stays with one of them.', header: `Requests with the same ${name} stay with one of them.` }[sticky],
    );
  } else if (sticky !== 'request') {
    sentences.push(`Once others have a share, ${sticky === 'caller' ? 'each caller stays' : `requests with the same ${name} stay`} with one of them.`);
  }
  if (fallbacks?.length) {
    sentences.push(`Where none of them can answer: ${fallbacks.join(', then ')}.`);
  }
  if (shadow) {
    sentences.push(`${shadow.percent} % are copied to ${shadow.deployment}, whose answers nobody sees.`);
  }
  return sentences;
}
