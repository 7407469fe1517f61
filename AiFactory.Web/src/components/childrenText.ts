import type { RunChildren } from '../api/builder/types';

/** How far the runs are that a step has begun. A loop does not know how many more there will be. */
export function childrenText(type: string, { total, done, failed }: RunChildren): string {
  const far = type === 'loop' ? (done < total ? `turn ${total}` : `${total} ${total === 1 ? 'turn' : 'turns'}`) : `${done} of ${total} done`;
  return failed > 0 ? `${far}, ${failed} failed` : far;
}
