import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { suggestName } from './deployable';

const list = '/api/library/projects/default/deployments';
const model = {
  project: 'default',
  name: 'acme/demo chat',
  createdAt: '2026-11-21T04:00:00Z',
  versions: [
    { id: 'v2', project: 'default', model: 'acme/demo chat', version: 2, tag: 'b', state: 'quarantined', evidence: [] },
    { id: 'v1', project: 'default', model: 'acme/demo chat', version: 1, tag: 'a', state: 'approved', evidence: [] },
  ],
};

test('a deployment shows its phase, its replicas and why it is not ready', async () => {
  fakeApi({ ...signedIn, [`GET ${list}`]: { items: [{ ...demoChat, phase: 'degraded', replicas: 2, message: 'One worker is lost' }], next: null } });
  renderPage('/p/default/deployments');
  const row = within(await screen.findByTestId('deployment-demo-chat'));
  expect(row.getByTestId('phase').dataset.state).toBe('degraded');
  expect(row.getByTestId('ready-count').textContent).toBe('1 / 2');
  row.getByText('One worker is lost');
});

test('only an approved version is offered, and a refusal shows at its field', async () => {
  const requests = fakeApi({
    ...signedIn,
    [`GET ${list}`]: { items: [demoChat], next: null },
    'GET /api/library/projects/default/models': { items: [model], next: null },
    [`POST ${list}`]: problem(400, 'Validation failed', 'One field is not valid.', { replicas: ['Only 3 workers are known.'] }),
  });
  renderPage('/p/default/deployments?deploy=');
  const user = userEvent.setup();
  const name = await screen.findByTestId('deployment-name');
  await waitFor(() => expect((name as HTMLInputElement).value).toBe('demo-chat'));
  await user.click(screen.getByLabelText('Weights', { selector: 'input' }));
  await user.click(await screen.findByText(/^q4_k_m/));
  await user.click(screen.getByTestId('create-deployment'));
  await screen.findByText('Only 3 workers are known.');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({ name: 'demo-chat', modelVersionId: 'v1', replicas: 1, quantization: 'q4_k_m' });
});

test('a deployment is deleted only after a confirmation', async () => {
  let items = [demoChat];
  const requests = fakeApi({
    ...signedIn,
    [`GET ${list}`]: () => ({ items, next: null }),
    [`DELETE ${list}/demo-chat`]: () => {
      items = [];
      return new Response(null, { status: 204 });
    },
  });
  renderPage('/p/default/deployments');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Delete demo-chat'));
  expect(requests.some(({ method }) => method === 'DELETE')).toBe(false);
  await user.click(await screen.findByTestId('confirm'));
  await screen.findByText('Nothing is deployed');
});

test('a deployment that others need is not deleted, and its dialog says who they are', async () => {
  const needed = "It is needed: 'chat' falls back to 'demo-chat' (traffic.fallbacks). Change that first.";
  fakeApi({ ...signedIn, [`GET ${list}`]: { items: [demoChat], next: null }, [`DELETE ${list}/demo-chat`]: problem(409, 'Conflict', needed) });
  renderPage('/p/default/deployments');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Delete demo-chat'));
  await user.click(await screen.findByTestId('confirm'));
  await within(await screen.findByRole('dialog')).findByText(needed);
});

test('a project\'s kept answers are purged only after a confirmation, and a refusal shows where it was asked', async () => {
  let purged = 0;
  const requests = fakeApi({
    ...signedIn,
    [`GET ${list}`]: { items: [demoChat], next: null },
    'DELETE /api/cache': () => (purged++ === 0 ? problem(503, 'Not available now', 'The answers cannot be purged everywhere now.') : { removed: 1200 }),
  });
  renderPage('/p/default/deployments');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('purge-cache'));
  expect(requests.some(({ method }) => method === 'DELETE')).toBe(false);
  await user.click(await screen.findByTestId('confirm'));
  await screen.findByText('The answers cannot be purged everywhere now.');
  await user.click(screen.getByTestId('confirm'));
  await screen.findByText(/1.?200 kept answers were forgotten/);
  expect(requests.filter(({ method }) => method === 'DELETE').map(({ url }) => new URL(url, 'http://x').search)).toEqual(['?project=default', '?project=default']);
});

test('an edit keeps the policies of traffic, cache and routing, which the form does not show', async () => {
  const traffic = { splits: [{ deployment: 'canary', percent: 10 }] };
  const cache = { responses: true, ttl: '01:00:00' };
  const routing = { hedgeAfter: '00:00:00.800', preferZone: true };
  const requests = fakeApi({
    ...signedIn,
    [`GET ${list}`]: { items: [{ ...demoChat, traffic, cache, routing }], next: null },
    [`PUT ${list}/demo-chat`]: { ...demoChat, traffic, cache, routing },
  });
  renderPage('/p/default/deployments');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Edit demo-chat'));
  await user.click(await screen.findByTestId('save-deployment'));
  await waitFor(() => expect(requests.some(({ method }) => method === 'PUT')).toBe(true));
  expect(await requests.find(({ method }) => method === 'PUT')?.json()).toMatchObject({ name: 'demo-chat', replicas: demoChat.replicas, updatedAt: demoChat.updatedAt, traffic, cache, routing });
});

test('a model name becomes a name that clients can send', () => {
  expect(suggestName('org/Llama 3.1 8B (chat)')).toBe('Llama-3.1-8B-chat');
  expect(suggestName('x'.repeat(80))).toHaveLength(63);
});
