import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { headersText, parseHeaders, parseSchema } from './toolForm';

const root = '/api/builder/projects/default';
const list = (items: unknown[]) => ({ items, next: null });
const agent = { name: 'porter', description: '', model: 'demo-chat', instructions: 'Be short.', rulesets: [], tools: ['weather'], knowledgeBases: ['aifactory'], maxSteps: 8, maxSeconds: 60 };
const routes = {
  ...signedIn,
  [`GET ${root}/agents`]: list([]),
  [`GET ${root}/tools`]: list([{ name: 'weather' }]),
  [`GET ${root}/rulesets`]: list([]),
  [`GET ${root}/knowledge-bases`]: list([{ name: 'aifactory' }]),
  'GET /api/library/projects/default/deployments': list([demoChat]),
};

test('an agent is made with the model that is there', async () => {
  const requests = fakeApi({ ...routes, [`POST ${root}/agents`]: agent });
  renderPage('/p/default/agents');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-agent'));
  await user.type(await screen.findByTestId('agent-name'), 'porter');
  await user.type(screen.getByTestId('agent-instructions'), 'Be short.');
  await waitFor(() => expect(screen.getAllByDisplayValue('demo-chat').length).toBeGreaterThan(0));
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('agent-name')).toBeNull());
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({ name: 'porter', model: 'demo-chat', instructions: 'Be short.', maxSteps: 8, maxSeconds: 60 });
});

test('a model that cannot be called is not offered, and an agent that has it says why', async () => {
  const revoked = { ...demoChat, phase: 'revoked', message: 'Model version revoked: it leaks' };
  fakeApi({ ...routes, 'GET /api/library/projects/default/deployments': list([revoked, { ...demoChat, name: 'other-chat' }]), [`GET ${root}/agents`]: list([agent]) });
  renderPage('/p/default/agents');
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Edit porter' }));
  expect(await screen.findByText('demo-chat is revoked. Model version revoked: it leaks')).toBeDefined();
  await user.click(screen.getByText('Cancel'));
  await user.click(await screen.findByTestId('new-agent'));
  await waitFor(() => expect(screen.getAllByDisplayValue('other-chat').length).toBeGreaterThan(0));
});

test('an agent shows what it may use, is changed whole, and a refusal shows at its field', async () => {
  const requests = fakeApi({ ...routes, [`GET ${root}/agents`]: list([agent]), [`PUT ${root}/agents/porter`]: problem(400, 'Validation failed', 'Not valid.', { Tools: ["There is no tool 'weather'."] }) });
  renderPage('/p/default/agents');
  expect((await screen.findByTestId('agent-porter')).textContent).toContain('search_aifactory');
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Edit porter' }));
  await user.click(await screen.findByTestId('save'));
  expect(await screen.findByText("There is no tool 'weather'.")).toBeDefined();
  expect(await requests.find(({ method }) => method === 'PUT')?.json()).toMatchObject({ name: 'porter', tools: ['weather'] });
});

test('the rules of a ruleset are its lines', async () => {
  const requests = fakeApi({ ...routes, [`POST ${root}/rulesets`]: { name: 'polite', rules: [] } });
  renderPage('/p/default/agents?tab=rulesets');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-ruleset'));
  await user.type(await screen.findByTestId('ruleset-name'), 'polite');
  fireEvent.change(screen.getByTestId('ruleset-rules'), { target: { value: 'One.\n\n  Two. \n' } });
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(requests.some(({ method }) => method === 'POST')).toBe(true));
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ name: 'polite', rules: ['One.', 'Two.'], checks: [], onViolation: 'reject' });
});

test('a ruleset shows its version, its checks are edited in a list, and a refusal shows at its check', async () => {
  const ruleset = { name: 'polite', rules: ['One.'], checks: [{ kind: 'max_characters', value: '500' }], onViolation: 'retry', version: 3 };
  const requests = fakeApi({
    ...routes,
    [`GET ${root}/rulesets`]: list([ruleset]),
    [`PUT ${root}/rulesets/polite`]: problem(400, 'Validation failed', 'Not valid.', { 'checks[1]': ['Check 2: this is no regular expression.'] }),
  });
  renderPage('/p/default/agents?tab=rulesets');
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Edit polite' }));
  expect((await screen.findByTestId('ruleset-version')).textContent).toContain('This is version 3; saving makes version 4.');
  expect(screen.getByDisplayValue('500')).toBeDefined();
  await user.click(screen.getByTestId('add-check'));
  const kind = screen.getByRole('combobox', { name: 'Kind of check 2' });
  await user.click(kind);
  const offered = await waitFor(() => document.getElementById(kind.getAttribute('aria-controls') ?? '') ?? expect.fail('nothing is offered'));
  await user.click(within(offered).getByText('Matches'));
  fireEvent.change(screen.getByRole('textbox', { name: 'Value of check 2' }), { target: { value: '(a' } });
  await user.click(screen.getByTestId('save'));
  expect(within(await screen.findByTestId('check-2')).getByText('Check 2: this is no regular expression.')).toBeDefined();
  const put = requests.findLast(({ method }) => method === 'PUT');
  expect(await put?.json()).toEqual({ name: 'polite', rules: ['One.'], checks: [...ruleset.checks, { kind: 'required_pattern', value: '(a' }], onViolation: 'retry' });
  await user.click(screen.getByRole('button', { name: 'Remove check 1' }));
  await waitFor(() => expect(screen.queryByDisplayValue('500')).toBeNull());
});

test('headers are lines, and what is none is named', () => {
  expect(parseHeaders('Accept: a/b\n\nX-One:  two: three ')).toEqual({ value: { Accept: 'a/b', 'X-One': 'two: three' } });
  expect(parseHeaders('no colon')).toEqual({ error: 'This is not a header: no colon' });
  expect(parseHeaders('bad name: x')).toMatchObject({ error: expect.stringContaining('bad name') });
  expect(headersText({ a: 'b', c: 'd' })).toBe('a: b\nc: d');
  expect(parseSchema('[1]')).toEqual({ error: 'A JSON schema is an object.' });
  expect(parseSchema('{')).toHaveProperty('error');
});
