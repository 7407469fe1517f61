import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';
import { returnAddress } from './signIn';

const refused = () => problem(401, 'Unauthenticated', 'no');

afterEach(() => window.history.replaceState(null, '', '/'));

/** Nobody is signed in until a POST succeeded. */
function sessions(accept: (body: { token?: string; key?: string }) => boolean) {
  let open = false;
  return {
    ...signedIn,
    'GET /api/session': () => (open ? admin : refused()),
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
