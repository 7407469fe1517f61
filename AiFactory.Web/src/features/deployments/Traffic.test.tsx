import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { TrafficPolicy } from '../../api/types';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { plainPolicy, sentencesOf, stickyBy, stickyOf, whoAnswers } from './trafficText';

const path = '/api/library/projects/default/deployments/demo-chat';
const list = { items: [demoChat, { ...demoChat, id: '2', name: 'chat-v2' }, { ...demoChat, id: '3', name: 'demo-embed', task: 'embedding' }], next: null };
const upstreams = { items: [{ id: 'u', name: 'cloud', models: [{ name: 'big', model: 'big-1', task: null, contextLength: 8192, visibility: null }] }], next: null };

function page(traffic: TrafficPolicy | null, more: Record<string, unknown> = {}) {
  return fakeApi({
    ...signedIn,
    [`GET ${path}`]: { ...demoChat, traffic, cache: { responses: true } },
    [`GET ${path}/rollouts`]: { items: [], next: null },
    'GET /api/library/projects/default/deployments': list,
    'GET /api/library/projects/default/upstreams': upstreams,
    'GET /api/usage/variants': { model: 'demo-chat', from: '', to: '', currency: 'EUR', method: '', items: [] },
    ...more,
  });
}

test('a deployment that answers alone says so, and is given a canary, a fallback and copies; all else of it is kept', async () => {
  const requests = page(null, { [`PUT ${path}`]: demoChat });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  expect((await screen.findByTestId('traffic')).textContent).toContain('answers all of its requests itself');
  await user.click(await screen.findByTestId('edit-traffic'));
  await user.click(await screen.findByTestId('add-split'));
  await user.click(screen.getByLabelText('Deployment 1', { selector: 'input' }));
  const offered = () => [...document.querySelectorAll('[role=listbox][aria-label="Deployment 1"] [role=option]')].map(({ textContent }) => textContent);
  await waitFor(() => expect(offered()).toEqual(['chat-v2', 'big']));
  await user.type(screen.getByLabelText('Deployment 1', { selector: 'input' }), 'chat-v2');
  await user.clear(screen.getByLabelText('Percent of deployment 1'));
  await user.type(screen.getByLabelText('Percent of deployment 1'), '25');
  await screen.findByText('demo-chat answers the other 75 %.');
  await user.click(screen.getByText('Lowest latency'));
  await user.type(screen.getByLabelText('Fallbacks', { selector: 'input' }), 'big{Enter}');
  await user.type(screen.getByLabelText('Shadow', { selector: 'input' }), 'chat-v2');
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('save')).toBeNull());
  expect(await requests.find(({ method }) => method === 'PUT')?.json()).toMatchObject({
    name: 'demo-chat',
    replicas: demoChat.replicas,
    updatedAt: demoChat.updatedAt,
    cache: { responses: true },
    traffic: { splits: [{ deployment: 'chat-v2', percent: 25 }], strategy: 'latency', fallbacks: ['big'], shadow: { deployment: 'chat-v2', percent: 5 } },
  });
});

test('a policy is shown, and its shares are taken away; a refusal stands at its field', async () => {
  const answers = [problem(400, 'Validation failed', 'One field is not valid.', { 'traffic.splits': ['Each has 1 to 100 percent.'] }), Response.json(demoChat)];
  const requests = page({ splits: [{ deployment: 'chat-v2', percent: 10 }], stickyBy: 'header:x-user' }, { [`PUT ${path}`]: () => answers.shift() });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  const panel = within(await screen.findByTestId('traffic'));
  expect(within(panel.getByLabelText('Shares')).getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['demo-chat90 %', 'chat-v210 %']);
  panel.getByText('Requests with the same x-user stay with one of them.');
  await user.click(await panel.findByTestId('edit-traffic'));
  await user.click(await screen.findByTestId('save'));
  await screen.findByText('Each has 1 to 100 percent.');
  await user.click(screen.getByLabelText('Remove deployment 1'));
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('save')).toBeNull());
  const [refused, taken] = await Promise.all(requests.filter(({ method }) => method === 'PUT').map((request) => request.json() as Promise<{ traffic: unknown }>));
  expect(refused?.traffic).toEqual({ splits: [{ deployment: 'chat-v2', percent: 10 }], stickyBy: 'header:x-user' });
  expect(taken?.traffic).toEqual({ stickyBy: 'header:x-user' });
});

test('more than all cannot be given, and the form says by how much', async () => {
  const requests = page({ splits: [{ deployment: 'chat-v2', percent: 90 }, { deployment: 'big', percent: 20 }] });
  renderPage('/p/default/deployments/demo-chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('edit-traffic'));
  await user.click(await screen.findByTestId('save'));
  expect(requests.some(({ method }) => method === 'PUT')).toBe(false);
  await screen.findByText('They have 110 percent together: 100 is all there is.');
  expect((screen.getByTestId('add-split') as HTMLButtonElement).disabled).toBe(true);
});

test('while a rollout moves the requests there is no form', async () => {
  page(null, { [`GET ${path}/rollouts`]: { items: [{ id: 'r', project: 'default', deployment: 'demo-chat', candidate: 'chat-v2', baseline: 'demo-chat', strategy: 'canary', state: 'running', step: 0, percent: 10, message: '', steps: [], gates: {}, onFailure: 'halt', observed: null, endedAt: null, createdAt: demoChat.createdAt, updatedAt: demoChat.updatedAt, stepSince: demoChat.createdAt, createdBy: 'user:ada' }], next: null } });
  renderPage('/p/default/deployments/demo-chat');
  await screen.findByTestId('rollout-state');
  expect(within(screen.getByTestId('traffic')).queryByTestId('edit-traffic')).toBeNull();
});

test('a viewer sees the policy and no button', async () => {
  page({ fallbacks: ['big'] }, { 'GET /api/session': { ...admin, permissions: admin.permissions.filter((permission) => permission !== 'deployments.write') } });
  renderPage('/p/default/deployments/demo-chat');
  expect((await screen.findByTestId('traffic')).textContent).toContain('Where none of them can answer: big.');
  expect(screen.queryByTestId('edit-traffic')).toBeNull();
});

test('what a policy says is said in words, and what says nothing is left out', () => {
  expect(plainPolicy({ splits: [], strategy: 'weighted', stickyBy: null, fallbacks: null, shadow: null })).toBeNull();
  expect(plainPolicy({ splits: null, strategy: 'latency', stickyBy: 'header:x-user' })).toEqual({ strategy: 'latency', stickyBy: 'header:x-user' });
  expect(plainPolicy({ fallbacks: ['a'], later: 1 } as TrafficPolicy)).toEqual({ fallbacks: ['a'], later: 1 });
  expect(plainPolicy({ splits: [{ deployment: 'a', percent: 1 }], strategy: 'weighted' })).toEqual({ splits: [{ deployment: 'a', percent: 1 }] });
  expect(whoAnswers('own', { splits: [{ deployment: 'a', percent: 30 }] })).toEqual([{ deployment: 'own', percent: 70 }, { deployment: 'a', percent: 30 }]);
  expect(stickyOf({ stickyBy: 'header:x-user' })).toEqual({ sticky: 'header', header: 'x-user' });
  expect(stickyBy('header', ' x-user ')).toBe('header:x-user');
  expect(stickyBy('request', 'x-user')).toBeNull();
  expect(sentencesOf({ stickyBy: 'header:x-user' })).toEqual(['Once others have a share, requests with the same x-user stay with one of them.']);
  expect(sentencesOf({ splits: [{ deployment: 'a', percent: 30 }], strategy: 'latency', stickyBy: 'caller', shadow: { deployment: 'b', percent: 5 } })).toEqual([
    'Who answers soonest gets the most of them; the shares say who takes part, and how much.',
    'Each caller stays with one of them.',
    '5 % are copied to b, whose answers nobody sees.',
  ]);
});
