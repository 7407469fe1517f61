import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi } from '../../testing/fakeApi';
import { renderPage, signedIn } from '../../testing/renderPage';
import { keyState } from './keyState';

const key = {
  id: 'k1',
  project: 'default',
  name: 'batch',
  prefix: 'aif_abcd',
  roles: ['developer'],
  factoryWide: false,
  createdBy: 'user:console',
  createdAt: '2026-11-21T04:00:00Z',
  expiresAt: null,
  revokedAt: null,
};

test('a new key is shown once', async () => {
  fakeApi({
    ...signedIn,
    'GET /api/library/projects/default/keys': { items: [key], next: null },
    'POST /api/library/projects/default/keys': { key, secret: 'aif_secret' },
  });
  renderPage('/p/default/keys');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('create-key'));
  await user.type(await screen.findByTestId('key-name'), 'batch');
  await user.click(screen.getByTestId('key-submit'));
  expect((await screen.findByTestId('key-secret')).textContent).toBe('aif_secret');
  await user.click(screen.getByTestId('key-done'));
  await waitFor(() => expect(document.body.textContent).not.toContain('aif_secret'));
});

test('a key ends when it is revoked or its time is over', () => {
  const now = Date.parse('2026-11-21T04:00:00Z');
  expect(keyState({ expiresAt: null, revokedAt: null }, now)).toBe('active');
  expect(keyState({ expiresAt: '2026-11-21T04:00:00Z', revokedAt: null }, now)).toBe('expired');
  expect(keyState({ expiresAt: '2027-01-01T00:00:00Z', revokedAt: '2026-11-20T00:00:00Z' }, now)).toBe('revoked');
});

test('an empty list and a failing one say so', async () => {
  let fails = true;
  fakeApi({
    ...signedIn,
    'GET /api/library/projects/default/keys': () =>
      fails ? Response.json({ title: 'Broken', detail: 'The database is away.' }, { status: 500 }) : { items: [], next: null },
  });
  renderPage('/p/default/keys');
  expect((await screen.findByTestId('error')).textContent).toContain('The database is away.');
  fails = false;
  await userEvent.click(screen.getByText('Retry'));
  await screen.findByText('No API key yet');
});
