import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';
import type { Session } from '../../api/types';
import { providerAddress, returnAddress } from './signIn';

const refused = () => problem(401, 'Unauthenticated', 'no');
const nobody = () => new Response(null, { status: 204 });

afterEach(() => window.history.replaceState(null, '', '/'));

/** Nobody is signed in until a POST succeeded. */
function sessions(accept: (body: { token?: string; key?: string }) => boolean) {
  let open = false;
  return {
    ...signedIn,
    'GET /api/session': () => (open ? admin : nobody()),
    'POST /api/session': async (request: Request) => {
      open = accept((await request.json()) as { token?: string; key?: string });
      return open ? admin : refused();
    },
  };
}

test('the token of the link signs in and leaves the address', async () => {
  window.history.replaceState(null, '', '/signin#token=t-123');
  const requests = fakeApi(sessions(({ token }) => token === 't-123'));
  const router = renderPage('/signin');
  await screen.findByTestId('account');
  expect(window.location.hash).toBe('');
  expect(router.state.location.pathname).toBe('/p/default');
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a link of an earlier start is refused with what to do', async () => {
  window.history.replaceState(null, '', '/signin#token=old');
  fakeApi(sessions(() => false));
  renderPage('/signin');
  expect((await screen.findByTestId('signin-error')).textContent).toContain('newest one');
  expect(window.location.hash).toBe('');
});

test('a link that is opened where the sign-in page is open already signs in', async () => {
  fakeApi(sessions(({ token }) => token === 't-123'));
  renderPage('/signin');
  await screen.findByTestId('signin-key');
  window.history.replaceState(null, '', '/signin#token=t-123');
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await screen.findByTestId('account');
  expect(window.location.hash).toBe('');
});

test('a wrong key is refused, and a right one leads back to where one came from', async () => {
  fakeApi({ ...sessions(({ key }) => key === 'aif_right'), 'GET /api/library/projects/default/keys': { items: [], next: null } });
  const router = renderPage('/p/default/keys');
  const user = userEvent.setup();
  const field = await screen.findByTestId('signin-key');
  expect(router.state.location.search).toBe('?return=%2Fp%2Fdefault%2Fkeys');
  await user.type(field, 'aif_wrong');
  await user.click(screen.getByTestId('signin-submit'));
  expect((await screen.findByTestId('signin-error')).textContent).toContain('wrong, expired or revoked');
  await user.clear(field);
  await user.type(field, ' aif_right ');
  await user.click(screen.getByTestId('signin-submit'));
  await screen.findByText('No API key yet');
  expect(router.state.location.pathname).toBe('/p/default/keys');
});

test('a session that ends while a page is open leads to the sign-in page', async () => {
  fakeApi({ ...signedIn, 'GET /api/library/projects/default/keys': refused() });
  const router = renderPage('/p/default/keys');
  await screen.findByTestId('signin-key');
  expect(router.state.location.pathname).toBe('/signin');
});

test('the way back never leads to another site', () => {
  expect(returnAddress('/p/a/models?x=1')).toBe('/p/a/models?x=1');
  for (const address of [null, '', 'https://evil.test', '//evil.test', '/\\evil.test', '/signin', 'javascript:alert(1)']) {
    expect(returnAddress(address)).toBe('/');
  }
});

test('an identity provider has a button that leads there with the way back', async () => {
  fakeApi({ ...sessions(() => false), 'GET /api/session/oidc': { name: 'Example ID' } });
  renderPage('/signin?return=%2Fp%2Fdefault%2Fkeys');
  const button = await screen.findByTestId('signin-provider');
  expect(button.textContent).toBe('Sign in with Example ID');
  expect(button.getAttribute('href')).toBe('/api/session/oidc/begin?return=%2Fp%2Fdefault%2Fkeys');
  expect(providerAddress('https://evil.test')).toBe('/api/session/oidc/begin');
});

test('without one there is none', async () => {
  fakeApi({ ...sessions(() => false), 'GET /api/session/oidc': { name: null } });
  renderPage('/signin');
  await screen.findByText(/sign-in link that the factory printed/);
  expect(screen.queryByTestId('signin-provider')).toBeNull();
});

test.each([
  ['away', 'does not answer'],
  ['claim', 'does not say which groups'],
  ['denied', 'was not finished'],
  ['expired', 'within ten minutes'],
  ['group', 'none of your groups'],
  ['invalid', 'could not be trusted'],
  ['<b>', 'The sign-in failed'],
])('a sign-in that came back with "%s" says so in words', async (code, words) => {
  fakeApi({ ...sessions(() => false), 'GET /api/session/oidc': { name: 'Example ID' } });
  renderPage(`/signin?error=${encodeURIComponent(code)}`);
  expect((await screen.findByTestId('signin-error')).textContent).toContain(words);
  await screen.findByTestId('signin-provider');
  // Signing in again would only bring the same account.
  expect(screen.queryByTestId('signin-another') !== null).toBe(code === 'group' || code === 'claim');
});

/** A session of the identity provider that ends in a moment, or has ended. */
const person = (seconds: number): Session => ({ ...admin, subject: 'user:8f3c', name: 'Ada', renewable: true, expiresAt: new Date(Date.now() + seconds * 1000).toISOString() });

test('a session is renewed before its end, and one that has ended when a page is opened', async () => {
  let current: Session | null = person(1.1);
  const requests = fakeApi({
    ...signedIn,
    'GET /api/session': () => current ?? nobody(),
    'POST /api/session/renewal': () => (current = person(3600)),
  });
  renderPage('/p/default/keys');
  expect((await screen.findByTestId('account')).textContent).toContain('Ada');
  await waitFor(() => expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1), { timeout: 10_000 });

  cleanup();
  current = null;
  renderPage('/p/default/keys');
  await screen.findByTestId('account');
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

test('a session that is not renewed any more leads to the sign-in page', async () => {
  localStorage.setItem('aifactory.renewable', '1');
  fakeApi({ ...signedIn, 'GET /api/session': nobody, 'POST /api/session/renewal': refused });
  const router = renderPage('/p/default/keys');
  await screen.findByTestId('signin-key');
  expect(router.state.location.pathname).toBe('/signin');
  expect(localStorage.getItem('aifactory.renewable')).toBeNull();
});

test('who signs out is told that the identity provider still knows them, and who had a key is not', async () => {
  const user = userEvent.setup();
  for (const [session, told] of [[person(3600), true], [admin, false]] as const) {
    let current: Session | null = session;
    fakeApi({
      ...signedIn,
      'GET /api/session': () => current ?? nobody(),
      'DELETE /api/session': () => ((current = null), nobody()),
      'GET /api/session/oidc': { name: 'Example ID' },
    });
    renderPage('/p/default/keys');
    await user.click(await screen.findByTestId('sign-out'));
    await screen.findByTestId('signin-provider');
    expect(screen.queryByTestId('signout-provider')?.getAttribute('href') ?? null).toBe(told ? '/api/session/oidc/end' : null);
    cleanup();
  }
});

test('what a person may do is asked of the project that is open', async () => {
  const reader = { ...admin, factoryWide: false, permissions: ['projects.read'], projects: [{ name: 'default', roles: ['developer'], permissions: ['projects.read', 'keys.read', 'keys.write'] }] };
  fakeApi({ ...signedIn, 'GET /api/session': reader, 'GET /api/library/projects/default/keys': { items: [], next: null } });
  renderPage('/p/default/keys');
  await screen.findByTestId('create-key');
  expect(screen.getByTestId('account').textContent).toContain('developer');
});
