import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Limit, LimitState } from '../../api/limits';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { allowance, rowsOf, whose } from './limitText';

const path = '/api/library/projects/default/limits';
const keyId = '0197f2aa-0000-7000-8000-000000000001';
const daily: Limit = {
  id: 'l1', project: 'default', name: 'daily', scope: 'key', owner: null, model: null, measure: 'tokens', period: 'day', amount: 5000, createdBy: 'user:ada', updatedBy: 'user:ada', createdAt: '2026-11-22T08:00:00Z', updatedAt: '2026-11-22T08:00:00Z',
};
const state = (over: Partial<LimitState> = {}): LimitState => ({ ...daily, used: 1200, reserved: 50, leased: 300, remaining: 3500, resetsAt: '2026-11-23T00:00:00Z', ...over });
const list = (items: unknown[]) => ({ items, next: null });
const states = (items: LimitState[]) => ({ items, currency: 'EUR', gateways: 1 });
const routes = {
  ...signedIn,
  [`GET ${path}`]: list([daily]),
  'GET /api/limits': states([state({ owner: keyId })]),
  'GET /api/library/projects/default/keys': list([{ id: keyId, name: 'kiosk', prefix: 'aif_kiosk', revokedAt: null, roles: [] }]),
  'GET /api/library/projects/default/deployments': list([demoChat]),
};

test('a limit shows what it allows to whom, and how it stands for each', async () => {
  const requests = fakeApi({ ...routes, 'GET /api/limits': states([state({ owner: 'someone' }), state({ owner: keyId, used: 4900, leased: 100, remaining: 0 })]) });
  renderPage('/p/default/limits');
  const item = within(await screen.findByTestId('limit-daily'));
  item.getByText('5,000 tokens a day');
  item.getByText('for each API key');
  const [first, second] = await item.findAllByTestId('gauge');
  await within(first!).findByText('kiosk');
  within(first!).getByText('4,900 used, 100 held, 0 left');
  expect(first!.dataset.tone).toBe('bad');
  within(second!).getByText('1,200 used, 300 held, 3,500 left');
  expect(new URL(requests.find(({ url }) => url.includes('/api/limits'))!.url).searchParams.get('project')).toBe('default');
});

test('a limit is made, and a refusal shows at its field', async () => {
  const requests = fakeApi({ ...routes, [`POST ${path}`]: problem(400, 'Validation failed', 'Not valid.', { amount: ['Use a whole number from 1.'], owner: ['There is no key here.'] }) });
  renderPage('/p/default/limits');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-limit'));
  await user.type(await screen.findByTestId('limit-name'), 'pace');
  const amount = screen.getByTestId('limit-amount');
  await user.clear(amount);
  await user.type(amount, '60');
  await user.click(screen.getByLabelText('Counts', { selector: 'input' }));
  await user.click(await screen.findByRole('option', { name: 'Requests', hidden: true }));
  await user.click(screen.getByTestId('save'));
  await screen.findByText('Use a whole number from 1.');
  screen.getByText('There is no key here.');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ name: 'pace', scope: 'key', owner: null, model: null, measure: 'requests', period: 'day', amount: 60 });
});

test('of a limit that is there only the amount changes', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${path}/daily`]: { ...daily, amount: 9000 } });
  renderPage('/p/default/limits');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Edit daily'));
  expect(((await screen.findByTestId('limit-name')) as HTMLInputElement).disabled).toBe(true);
  const amount = screen.getByTestId('limit-amount');
  await user.clear(amount);
  await user.type(amount, '9000');
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('limit-name')).toBeNull());
  expect(await requests.find(({ method }) => method === 'PUT')?.json()).toEqual({ name: 'daily', scope: 'key', owner: null, model: null, measure: 'tokens', period: 'day', amount: 9000 });
});

test('a limit is deleted after a confirmation, and without one the page says what that means', async () => {
  let items = [daily];
  fakeApi({
    ...routes,
    [`GET ${path}`]: () => list(items),
    'GET /api/limits': () => states([]),
    [`DELETE ${path}/daily`]: () => {
      items = [];
      return new Response(null, { status: 204 });
    },
  });
  renderPage('/p/default/limits');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Delete daily'));
  await user.click(await screen.findByTestId('confirm'));
  await screen.findByText('The project has no limit');
});

test('what a project may use is not its own to change, and who may not write sees no buttons', async () => {
  const whole = { ...daily, id: 'l2', name: 'whole', scope: 'project' };
  fakeApi({ ...routes, 'GET /api/session': { ...admin, factoryWide: false }, [`GET ${path}`]: list([daily, whole]) });
  renderPage('/p/default/limits');
  await screen.findByLabelText('Edit daily');
  within(screen.getByTestId('limit-whole')).getByText('for the whole project');
  expect(screen.queryByLabelText('Edit whole')).toBeNull();
  expect(screen.queryByText('Whole factory')).toBeNull();
});

test('with the library away it still shows how limits stand', async () => {
  fakeApi({ ...routes, [`GET ${path}`]: problem(404, 'Not found', 'The library has no such route.') });
  renderPage('/p/default/limits');
  await screen.findByText('The library has no such route.');
  within(await screen.findByTestId('limit-daily')).getByText('1,200 used, 300 held, 3,500 left');
  expect(screen.queryByLabelText('Edit daily')).toBeNull();
});

test('a limit in words', () => {
  const name = (owner: string) => owner;
  expect(allowance({ measure: 'cost', period: 'month', amount: 12.5 }, 'EUR')).toBe('12.5 EUR a month');
  expect(allowance({ measure: 'concurrency', period: null, amount: 4 }, 'EUR')).toBe('4 requests at once');
  expect(whose({ scope: 'user', owner: 'user:ada', model: 'demo-chat', project: 'default' }, name)).toBe('for user:ada, of the model demo-chat');
  expect(whose({ scope: 'project', owner: null, model: null, project: null }, name)).toBe('for each project');
  expect(rowsOf([daily], [state({ id: 'l1' }), state({ id: 'l0', name: 'a-gone' })]).map(({ limit, isKept }) => [limit.name, isKept])).toEqual([['a-gone', false], ['daily', true]]);
});
