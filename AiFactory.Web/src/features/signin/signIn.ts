import { ApiError } from '../../api/problem';

/** Takes the token out of `#token=...` and out of the address, so that no history, bookmark or screenshot keeps it. */
export function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (window.location.hash !== '') {
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }
  return token;
}

/** Only an address of this console: `//host` and `https://host` would lead away from it. */
export function returnAddress(address: string | null): string {
  if (address === null || !/^\/(?![/\\])/.test(address) || address.startsWith('/signin')) {
    return '/';
  }
  return address;
}

interface SignInProblem {
  title: string;
  detail: string;
  /** Whether the account is the problem: the identity provider would give the same one again. */
  another?: boolean;
}

/** Why a sign-in at the identity provider came to nothing; the gateway gives the reason as the address's `error`. */
const failures: Record<string, SignInProblem> = {
  away: { title: 'The identity provider does not answer', detail: 'Try again in a moment. If it stays so, tell an administrator of the factory.' },
  claim: {
    title: 'Nothing is open to you yet',
    detail: 'The identity provider knows you, but does not say which groups you are in. An administrator of the factory can set which claim names them (Oidc:GroupsClaim).',
    another: true,
  },
  denied: { title: 'The sign-in was not finished', detail: 'It was ended at the identity provider.' },
  expired: { title: 'The sign-in took too long', detail: 'It has to end within ten minutes, in the browser in which it began. Try again.' },
  group: {
    title: 'Nothing is open to you yet',
    detail: 'The identity provider knows you, but none of your groups may do anything here. An administrator of the factory can map one of them.',
    another: true,
  },
  invalid: { title: 'The sign-in was not accepted', detail: 'What the identity provider answered could not be trusted. The reason is in the log of the gateway.' },
};

export function providerProblem(code: string | null): SignInProblem | null {
  return code === null ? null : (failures[code] ?? { title: 'The sign-in failed', detail: 'Try again in a moment.' });
}

/** Where signing in at the identity provider begins: the browser goes there and comes back. */
export function providerAddress(returnTo: string | null): string {
  const address = returnAddress(returnTo);
  return address === '/' ? '/api/session/oidc/begin' : `/api/session/oidc/begin?return=${encodeURIComponent(address)}`;
}

/** Where one ends one's session at the identity provider itself. */
export const endAddress = '/api/session/oidc/end';

export function signInProblem(error: unknown, byLink: boolean): SignInProblem {
  if (error instanceof ApiError && error.status === 403 && !byLink && error.detail !== null) {
    return { title: 'The key was not accepted', detail: error.detail };
  }
  if (error instanceof ApiError && (error.status === 401 || error.status === 403 || error.status === 400)) {
    return byLink
      ? {
          title: 'The sign-in link is not valid',
          detail: 'A link is good until the factory is started again. Take the newest one from its console, or give an API key.',
        }
      : { title: 'The key was not accepted', detail: 'It is wrong, expired or revoked.' };
  }
  if (error instanceof ApiError) {
    return { title: error.title, detail: error.detail ?? 'Try again in a moment.' };
  }
  return { title: 'Something went wrong', detail: error instanceof Error ? error.message : String(error) };
}
