import type { ApiKey } from '../../api/types';

export function keyState(key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, now: number): 'active' | 'expired' | 'revoked' {
  if (key.revokedAt !== null) {
    return 'revoked';
  }
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= now ? 'expired' : 'active';
}
