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

export function signInProblem(error: unknown, byLink: boolean): { title: string; detail: string } {
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
