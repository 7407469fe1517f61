import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { ApiKey } from '../../api/types';
import { fakeApi, problem } from '../../testing/fakeApi';
import { renderPage, signedIn } from '../../testing/renderPage';
import { keyState } from './keyState';

const key: ApiKey = {
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
  scope: null,
  replaces: null,
  replacedBy: null,
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

test('a key can be limited to models and operations, and a refusal stands at its field', async () => {
  const requests = fakeApi({
    ...signedIn,
    'GET /api/library/projects/default/keys': { items: [key], next: null },
    'GET /api/library/projects/default/deployments': { items: [], next: null },
    'POST /api/library/projects/default/keys': problem(400, 'Validation failed', 'Not valid.', { 'scope.models': ["'de?mo' is no pattern of model names."] }),
  });
  renderPage('/p/default/keys');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('create-key'));
  await user.type(await screen.findByTestId('key-name'), 'batch');
  await user.type(screen.getByTestId('key-models'), 'demo-*{Enter}de?mo');
  await user.click(screen.getByTestId('key-submit'));
  await screen.findByText("'de?mo' is no pattern of model names.");
  const body = (await requests.find(({ method }) => method === 'POST')!.json()) as { scope: unknown };
  expect(body.scope).toEqual({ models: ['demo-*', 'de?mo'], operations: [] });
  screen.getByText(/does nothing else/);
});

test('a rotation shows the new key once, when the former ends, and then who replaced whom', async () => {
  const former = { ...key, replacedBy: 'k2', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const next = { ...key, id: 'k2', prefix: 'aif_next', replaces: 'k1', scope: { models: ['demo-*'], operations: ['chat'] } };
  let items = [key];
  const requests = fakeApi({
    ...signedIn,
    'GET /api/library/projects/default/keys': () => ({ items, next: null }),
    'POST /api/library/projects/default/keys/k1/rotate': () => {
      items = [next, former];
      return { key: next, secret: 'aif_second', replaced: former };
    },
  });
  renderPage('/p/default/keys');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Rotate batch'));
  await user.click(await screen.findByTestId('rotate-submit'));
  expect((await screen.findByTestId('key-secret')).textContent).toBe('aif_second');
  screen.getByText(/The former key aif_abcd... is valid until/);
  expect(await requests.find(({ method }) => method === 'POST')!.json()).toEqual({ overlapSeconds: 86_400, expiresAt: null });
  await user.click(screen.getByTestId('key-done'));
  await waitFor(() => expect(document.body.textContent).not.toContain('aif_second'));
  await screen.findByText('replaced by aif_next...');
  await screen.findByText('replaces aif_abcd...');
  await screen.findByText('chat only');
  // What has a successor is not rotated again.
  expect(screen.getAllByLabelText('Rotate batch')).toHaveLength(1);
});
