import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';

const change = { sequence: 2, at: '2026-11-22T04:00:00Z', project: 'default', actor: 'user:ada', action: 'deployment.updated', target: 'deployment/demo-chat', detail: { before: { replicas: 1 }, after: { replicas: 2 } } };
const denied = { sequence: 9, at: '2026-11-22T04:00:00Z', until: '2026-11-22T04:00:09Z', project: 'claims', actor: 'key:0197', action: 'model.denied', target: '/v1/chat/completions', reason: 'model_not_allowed', count: 1204, hash: 'ab'.repeat(32) };

test('changes open to what was there before and after, a page at a time', async () => {
  fakeApi({
    ...signedIn,
    'GET /api/library/projects/default/audit': (request: Request) => (new URL(request.url).searchParams.get('after') === '2' ? { items: [{ ...change, sequence: 1, actor: 'user:bob', detail: null }], next: null } : { items: [change], next: '2' }),
  });
  renderPage('/p/default/audit');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Detail of entry 2'));
  expect(screen.getByText(/"replicas": 2/)).toBeTruthy();
  await user.click(screen.getByTestId('audit-more'));
  await screen.findByText('user:bob');
  expect(screen.getAllByTestId('audit-entry')).toHaveLength(2);
});

test('refusals are shown with their reason and how often, of this project or of all', async () => {
  const requests = fakeApi({ ...signedIn, 'GET /api/audit': { items: [denied], next: null } });
  renderPage('/p/default/audit?tab=calls');
  const row = within(await screen.findByTestId('call-audit-entry'));
  row.getByText('model_not_allowed');
  row.getByText('1,204');
  expect(row.queryByText('claims')).toBeNull();
  await userEvent.setup().click(screen.getByText('Whole factory'));
  await screen.findByText('claims');
  expect(requests.filter(({ url }) => url.includes('/api/audit')).map(({ url }) => new URL(url).search)).toEqual(['?project=default', '']);
});

test('the chain is checked: whole, broken, or not to be had', async () => {
  const answers = [
    Response.json({ entries: 1204, intact: true, brokenAt: null, head: 'cd'.repeat(32) }),
    Response.json({ entries: 6, intact: false, brokenAt: 7, head: 'cd'.repeat(32) }),
    Response.json({ entries: 0, intact: false, brokenAt: null, head: null }),
    problem(503, 'Unavailable', 'The database is away.'),
  ];
  fakeApi({ ...signedIn, 'GET /api/audit': { items: [denied], next: null }, 'GET /api/audit/check': () => answers.shift() });
  renderPage('/p/default/audit?tab=calls');
  const user = userEvent.setup();
  const check = await screen.findByTestId('check-chain');
  await user.click(check);
  await screen.findByText('Whole: 1,204 entries');
  await user.click(check);
  await screen.findByText('Broken at entry 7');
  await user.click(check);
  await screen.findByText('The end of the chain is gone');
  await user.click(check);
  await screen.findByText('The database is away.');
});

test('who belongs to one project has no chain to check', async () => {
  fakeApi({ ...signedIn, 'GET /api/session': { ...admin, factoryWide: false }, 'GET /api/audit': { items: [], next: null } });
  renderPage('/p/default/audit?tab=calls');
  await screen.findByText('Nothing has happened yet');
  expect(screen.queryByTestId('check-chain')).toBeNull();
});
