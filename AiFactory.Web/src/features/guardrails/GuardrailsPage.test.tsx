import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { GuardrailPolicy, GuardrailRule } from '../../api/guardrails';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, demoChat, renderPage, signedIn } from '../../testing/renderPage';
import { blank, errorsOf, looksFor, ofKind } from './rules';

const path = '/api/library/projects/default/guardrails';
const mail: GuardrailRule = { ...blank, name: 'no-mail', entities: ['email', 'iban'] };
const ticket: GuardrailRule = { ...ofKind(blank, 'pattern'), name: 'tickets', action: 'flag', pattern: 'PROJ-\\d+', replacement: null };
const policy = (rules: GuardrailRule[], version = 3): GuardrailPolicy => ({ project: 'default', deployment: null, version, rules, updatedBy: 'user:ada', updatedAt: '2026-11-22T08:00:00Z' });
const routes = { ...signedIn, [`GET ${path}`]: policy([mail, ticket]), 'GET /api/library/projects/default/deployments': { items: [demoChat], next: null } };
const bodyOfPut = async (requests: Request[]) => await requests.findLast(({ method }) => method === 'PUT')?.json();

test('each rule shows what it looks for, what it does, and that it is on', async () => {
  fakeApi(routes);
  renderPage('/p/default/guardrails');
  const row = within(await screen.findByTestId('rule-no-mail'));
  row.getByText('E-mail address, IBAN');
  row.getByText('Mask');
  expect((row.getByLabelText('no-mail is on') as HTMLInputElement).checked).toBe(true);
  within(screen.getByTestId('rule-tickets')).getByText('PROJ-\\d+');
});

test('a new rule is put behind the others, and a refusal shows at its field', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${path}`]: problem(400, 'Validation failed', 'Not valid.', { 'rules[2].words': ['Use at most 200 words.'], 'rules[2].name': ['Another rule has the name already.'] }) });
  renderPage('/p/default/guardrails');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-rule'));
  await user.type(await screen.findByTestId('rule-name'), 'secret-names');
  await user.click(screen.getByLabelText('Looks for', { selector: 'input' }));
  await user.click(await screen.findByRole('option', { name: 'Words and phrases', hidden: true }));
  await user.type(screen.getByTestId('rule-words'), 'Bluebird,Project X,');
  await user.click(screen.getByTestId('save'));
  await screen.findByText('Use at most 200 words.');
  screen.getByText('Another rule has the name already.');
  expect(await bodyOfPut(requests)).toEqual({
    baseVersion: 3,
    rules: [mail, ticket, { ...blank, name: 'secret-names', kind: 'words', entities: null, words: ['Bluebird', 'Project X'] }],
  });
});

test('topics get a judge and examples, and an answer its schema', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${path}`]: problem(400, 'Validation failed', 'Not valid.', { 'rules[2].judge': ["The project has no deployment 'nobody'."], 'rules[2].topics[0].name': ['It is taken.'], 'rules[2].schema': ['No such keyword.'] }) });
  renderPage('/p/default/guardrails');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-rule'));
  await user.type(await screen.findByTestId('rule-name'), 'no-weapons');
  await user.click(screen.getByLabelText('Looks for', { selector: 'input' }));
  await user.click(await screen.findByRole('option', { name: 'Topics', hidden: true }));
  await user.type(screen.getByTestId('rule-judge'), 'nobody');
  await user.type(screen.getByTestId('rule-threshold'), '0.6');
  await user.type(screen.getByLabelText('Topic 1'), 'weapons');
  await user.type(screen.getByLabelText('Examples of topic 1', { selector: 'input' }), 'forging a sword, or two{Enter}');
  await user.click(screen.getByLabelText('Let texts pass while the judge cannot be asked'));
  await user.click(screen.getByLabelText(/^Leave out what only/));
  await user.click(screen.getByTestId('save'));
  await screen.findByText("The project has no deployment 'nobody'.");
  screen.getByText('It is taken.');
  const topic = { ...ofKind(blank, 'topic'), name: 'no-weapons', judge: 'nobody', threshold: 0.6, topics: [{ name: 'weapons', examples: ['forging a sword, or two'] }], onFailure: 'pass', authors: 'users' };
  expect((await bodyOfPut(requests)).rules[2]).toEqual(topic);
  await user.click(screen.getByLabelText('Looks for', { selector: 'input' }));
  await user.click(await screen.findByRole('option', { name: 'The form of answers', hidden: true }));
  await user.clear(screen.getByTestId('rule-schema'));
  await user.type(screen.getByTestId('rule-schema'), '{{"type":');
  screen.getByText('This is no JSON yet.');
  await user.type(screen.getByTestId('rule-schema'), '"array"}');
  await user.click(screen.getByTestId('save'));
  await waitFor(async () => expect((await bodyOfPut(requests)).rules[2]).toEqual({ ...ofKind(blank, 'schema'), name: 'no-weapons', schema: { type: 'array' } }));
});

test('a rule is edited in its place and switched off at once', async () => {
  let current = policy([mail, ticket]);
  const requests = fakeApi({
    ...routes,
    [`GET ${path}`]: () => current,
    [`PUT ${path}`]: async (request: Request) => (current = policy((await request.json()).rules, current.version + 1)),
  });
  renderPage('/p/default/guardrails');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Edit no-mail'));
  await user.type(await screen.findByTestId('rule-replacement'), '[[gone]');
  await user.click(screen.getByTestId('save'));
  await waitFor(() => expect(screen.queryByTestId('rule-name')).toBeNull());
  expect((await bodyOfPut(requests)).rules[0]).toEqual({ ...mail, replacement: '[gone]' });
  await user.click(screen.getByLabelText('tickets is on'));
  await screen.findByText(/^Version 5/);
  expect(await bodyOfPut(requests)).toEqual({ baseVersion: 4, rules: [{ ...mail, replacement: '[gone]' }, { ...ticket, enabled: false }] });
});

test('the last rule is deleted after a confirmation, and none is a state of its own', async () => {
  let current = policy([mail]);
  fakeApi({ ...routes, [`GET ${path}`]: () => current, [`PUT ${path}`]: async (request: Request) => (current = policy((await request.json()).rules, 4)) });
  renderPage('/p/default/guardrails');
  const user = userEvent.setup();
  await user.click(await screen.findByLabelText('Delete no-mail'));
  await user.click(await screen.findByTestId('confirm'));
  await screen.findByText('No rule here');
});

test('the factory and each deployment have rules of their own', async () => {
  fakeApi({ ...routes, 'GET /api/library/guardrails': policy([{ ...mail, name: 'of-all' }]), 'GET /api/library/projects/default/deployments/demo-chat/guardrails': policy([{ ...mail, name: 'of-one' }]) });
  const router = renderPage('/p/default/guardrails?of=factory');
  await screen.findByTestId('rule-of-all');
  await router.navigate('/p/default/guardrails?of=deployment/demo-chat');
  await screen.findByTestId('rule-of-one');
});

test('a text is tried against the rules that hold', async () => {
  const requests = fakeApi({ ...routes, 'POST /api/guardrails/try': { outcome: 'masked', text: 'Write to [EMAIL].', found: ['mask:no-mail'], message: null } });
  renderPage('/p/default/guardrails?of=deployment/demo-chat');
  const user = userEvent.setup();
  await user.type(await screen.findByTestId('try-text'), 'Write to ada@example.com.');
  await user.click(screen.getByTestId('try'));
  const result = within(await screen.findByTestId('try-result'));
  result.getByText('Write to [EMAIL].');
  expect(result.getByTestId('state').dataset.state).toBe('masked');
  result.getByText('mask:no-mail');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ text: 'Write to ada@example.com.', appliesTo: 'input', project: 'default', deployment: 'demo-chat' });
});

test('who may not write changes nothing', async () => {
  fakeApi({ ...routes, 'GET /api/session': { ...admin, permissions: admin.permissions.filter((permission) => permission !== 'guardrails.write') } });
  renderPage('/p/default/guardrails');
  expect(((await screen.findByLabelText('no-mail is on')) as HTMLInputElement).disabled).toBe(true);
  expect(screen.queryByTestId('new-rule')).toBeNull();
  expect(screen.queryByLabelText('Edit no-mail')).toBeNull();
});

test('a rule in words, and one that becomes another kind keeps nothing of the former', () => {
  expect(looksFor({ ...blank, kind: 'size', sizes: { messages: 20, characters: null, tokens: 4000 } })).toBe('more than 20 messages or 4,000 tokens asked for');
  expect(looksFor({ ...blank, kind: 'words', words: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] })).toBe('a, b, c, d, e, f and 2 more');
  expect(ofKind({ ...mail, replacement: 'x' }, 'size')).toEqual({ ...mail, kind: 'size', action: 'block', entities: null, sizes: { messages: null, characters: null, tokens: null }, replacement: null });
  expect(looksFor({ ...ofKind(blank, 'topic'), judge: 'demo-embed', topics: [{ name: 'weapons', examples: [] }, { name: 'poison', examples: [] }] })).toBe('weapons, poison, as demo-embed judges');
  expect(errorsOf({ 'rules[1].name': 'bad', 'rules[10].name': 'worse' }, 1)).toEqual({ name: 'bad' });
});
