import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Upstream } from '../../api/upstreams';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';

const path = '/api/library/projects/default/upstreams';
const cloud: Upstream = {
  id: 'u1', project: 'default', name: 'cloud', kind: 'openai', baseUrl: 'https://api.example.com/v1',
  models: [{ name: 'far-chat', model: 'gpt-large', task: 'chat', contextLength: 128_000, visibility: 'project', traffic: null, cache: { responses: true } }],
  enabled: true, revision: 4, createdBy: 'user:ada', createdAt: '2026-11-20T08:00:00Z', updatedBy: 'user:ada', updatedAt: '2026-11-20T08:00:00Z', headers: { 'x-team': 'green' }, apiVersion: null,
  credential: { endsWith: 'wxyz', setBy: 'user:ada', setAt: '2026-11-20T08:00:00Z' }, message: null,
};
const list = (items: unknown[]) => ({ items, next: null });
const routes = { ...signedIn, [`GET ${path}`]: list([cloud]) };

test('an upstream shows its models and how its credential ends, and is tested', async () => {
  fakeApi({ ...routes, [`POST ${path}/cloud/test`]: { code: 'credential_refused', message: 'The service refuses the credential.', status: 401 } });
  renderPage('/p/default/upstreams');
  const row = within(await screen.findByTestId('upstream-cloud'));
  row.getByText('far-chat');
  row.getByText('...wxyz');
  expect(row.getByTestId('state').dataset.state).toBe('served');
  await userEvent.setup().click(row.getByLabelText('Test cloud'));
  await row.findByText('The service refuses the credential.');
});

test('an edit keeps the credential, the headers and what the form does not show', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${path}/cloud`]: cloud });
  renderPage('/p/default/upstreams');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Edit cloud'));
  expect(((await screen.findByTestId('upstream-credential')) as HTMLInputElement).value).toBe('');
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('upstream-name')).toBeNull());
  expect(await requests.find(({ method }) => method === 'PUT')?.json()).toEqual({
    name: 'cloud', kind: 'openai', baseUrl: cloud.baseUrl, models: cloud.models, headers: cloud.headers, apiVersion: null, enabled: true, revision: 4, credential: null,
  });
});

test('a credential is replaced or taken away, and never shown', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${path}/cloud`]: cloud });
  renderPage('/p/default/upstreams');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Edit cloud'));
  const field = (await screen.findByTestId('upstream-credential')) as HTMLInputElement;
  expect(field.type).toBe('password');
  await user.type(field, 'sk-new');
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('upstream-name')).toBeNull());
  await user.click(screen.getByLabelText('Edit cloud'));
  await user.click(await screen.findByLabelText('Take the credential away'));
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(requests.filter(({ method }) => method === 'PUT')).toHaveLength(2));
  const sent = await Promise.all(requests.filter(({ method }) => method === 'PUT').map(async (each) => (await each.json()).credential));
  expect(sent).toEqual(['sk-new', '']);
});

test('a new one is made, and what is refused shows at its field', async () => {
  const requests = fakeApi({
    ...routes,
    [`GET ${path}`]: list([]),
    [`POST ${path}`]: problem(400, 'Validation failed', 'Not valid.', { baseUrl: ['The host is not allowed.'], 'models[1].name': ['It is named twice.'] }),
  });
  renderPage('/p/default/upstreams');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-upstream'));
  await user.type(await screen.findByTestId('upstream-name'), 'cloud');
  await user.type(screen.getByTestId('upstream-address'), 'https://far.test/v1');
  await user.type(screen.getByLabelText('Name of model 1'), 'far');
  await user.type(screen.getByLabelText("The upstream's id of model 1"), 'large');
  await user.click(screen.getByTestId('add-model'));
  await user.type(screen.getByLabelText('Name of model 2'), 'far');
  await user.type(screen.getByLabelText("The upstream's id of model 2"), 'small');
  await user.click(screen.getByTestId('save'));
  await screen.findByText('The host is not allowed.');
  within(screen.getByTestId('model-2')).getByText('It is named twice.');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({ name: 'cloud', credential: null, revision: null, models: [{ name: 'far', model: 'large' }, { name: 'far', model: 'small' }] });
});

test('who may not write may look', async () => {
  fakeApi({ ...routes, 'GET /api/session': { ...admin, permissions: admin.permissions.filter((permission) => permission !== 'upstreams.write') } });
  renderPage('/p/default/upstreams');
  await screen.findByTestId('upstream-cloud');
  expect(screen.queryByLabelText('Edit cloud')).toBeNull();
  expect(screen.queryByLabelText('Test cloud')).toBeNull();
  expect(screen.queryByTestId('new-upstream')).toBeNull();
});
