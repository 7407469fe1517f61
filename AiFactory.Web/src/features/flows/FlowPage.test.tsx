import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { FlowGraph } from '../../api/builder/types';
import { eventStream, fakeApi, problem } from '../../testing/fakeApi';
import { finishedRun, flow, passage, run, stepTypes, templateGraph } from '../../testing/flows';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';

const root = '/api/builder/projects/default';
const list = (items: unknown[]) => ({ items, next: null });
const base = { name: 'aifactory', description: '', embeddingModel: 'demo-embed', chunkSize: 600, chunkOverlap: 100, documents: 1, chunks: 1, bytes: 1, createdAt: flow.createdAt };

const routes = {
  ...signedIn,
  'GET /api/builder/step-types': stepTypes,
  [`GET ${root}/flows/docs`]: flow,
  [`POST ${root}/flows/validate`]: { problems: [] },
  [`GET ${root}/knowledge-bases`]: list([base]),
  [`GET ${root}/flows`]: list([{ ...flow, graph: null }]),
  'GET /api/library/projects/default/deployments': list([demoChat]),
};

async function save(requests: Request[]): Promise<{ baseRevision: number; graph: FlowGraph }> {
  const put = await waitFor(() => {
    const found = requests.filter(({ method }) => method === 'PUT').at(-1);
    expect(found).toBeDefined();
    // Not one of the saves on the way, on a machine that takes its time between two edits.
    expect(screen.getByTestId('save-state').dataset.state).toBe('saved');
    return found as Request;
  });
  return (await put.clone().json()) as { baseRevision: number; graph: FlowGraph };
}

const select = async (node: string) => fireEvent.click(await screen.findByTestId(`node-${node}`));

test('a step is added from the palette by keyboard, and the change is saved as a revision', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [{ node: 'retrieve2', edge: null, code: 'input_not_connected', message: 'Its input is not connected.' }] } });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  (await screen.findByTestId('palette-retrieve')).focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByTestId('node-retrieve2')).toBeDefined();
  const { baseRevision, graph } = await save(requests);
  expect(baseRevision).toBe(3);
  expect(graph.nodes.at(-1)).toMatchObject({ id: 'retrieve2', type: 'retrieve', settings: { limit: 4 } });
  // The problem stands on the step, in the list and before the run.
  expect((await screen.findByTestId('problem')).textContent).toContain('Its input is not connected.');
  expect(screen.getByTestId('node-retrieve2').textContent).toContain('Its input is not connected.');
  await user.click(screen.getByTestId('tab-run'));
  expect(await screen.findByTestId('run-blocked')).toBeDefined();
  expect(screen.getByTestId('save-state').textContent).toContain('Revision 4');
});

test('undo takes a step back, by its button and by its keys', async () => {
  fakeApi({ ...routes, [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [] } });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('palette-model'));
  expect(await screen.findByTestId('node-model2')).toBeDefined();
  await user.click(screen.getByTestId('undo'));
  expect(screen.queryByTestId('node-model2')).toBeNull();
  fireEvent.keyDown(document.body, { key: 'z', ctrlKey: true, shiftKey: true });
  expect(await screen.findByTestId('node-model2')).toBeDefined();
  fireEvent.keyDown(document.body, { key: 'z', ctrlKey: true });
  await waitFor(() => expect(screen.queryByTestId('node-model2')).toBeNull());
});

test('an input is connected in the panel, to outputs of its type alone', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [] } });
  renderPage('/p/default/flows/docs');
  await select('model');
  const user = userEvent.setup();
  const field = await screen.findByTestId('connect-prompt');
  await user.click(field);
  const offered = within(document.getElementById(field.getAttribute('aria-controls') ?? '') as HTMLElement);
  expect(offered.getAllByRole('option', { hidden: true }).map(({ textContent }) => textContent)).toEqual(['Input: text', 'Retrieve: text']);
  await user.click(offered.getByText('Input: text'));
  const { graph } = await save(requests);
  expect(graph.edges).toContainEqual({ id: 'input.text-model.prompt', from: 'input', fromPort: 'text', to: 'model', toPort: 'prompt' });
});

test('the panel is drawn from the step type, and JSON is taken only when it is JSON', async () => {
  const requests = fakeApi({ ...routes, [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [] } });
  renderPage('/p/default/flows/docs');
  await select('model');
  const field = await screen.findByTestId('setting-extra');
  fireEvent.change(field, { target: { value: '{"a":' } });
  expect(screen.getByTestId('inspector').textContent).toMatch(/JSON/);
  fireEvent.change(field, { target: { value: '{"a":1}' } });
  fireEvent.change(screen.getByTestId('setting-system'), { target: { value: 'Be short.' } });
  const { graph } = await save(requests);
  expect(graph.nodes.find(({ id }) => id === 'model')?.settings).toEqual({ model: 'demo-chat', extra: { a: 1 }, system: 'Be short.' });
});

test('a step whose model was revoked says so, and is offered those that can be called', async () => {
  const revoked = { ...demoChat, phase: 'revoked', message: 'Model version revoked: it leaks' };
  fakeApi({ ...routes, 'GET /api/library/projects/default/deployments': list([revoked, { ...demoChat, name: 'stopped-chat', phase: 'stopped' }, { ...demoChat, name: 'other-chat' }]) });
  renderPage('/p/default/flows/docs');
  await select('model');
  expect(await screen.findByText('demo-chat is revoked. Model version revoked: it leaks')).toBeDefined();
  const field = screen.getByTestId('setting-model');
  const user = userEvent.setup();
  await user.click(field);
  const offered = within(document.getElementById(field.getAttribute('aria-controls') ?? '') as HTMLElement);
  await user.clear(field);
  expect(offered.getAllByRole('option', { hidden: true }).map(({ textContent }) => textContent)).toEqual(['demo-chat', 'other-chat']);
});

test('a map is set up with a flow of the project, and takes what can be a list', async () => {
  const requests = fakeApi({ ...routes, [`GET ${root}/flows`]: list([{ ...flow, graph: null }, { ...flow, name: 'summarise', graph: null }]), [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [] } });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('palette-map'));
  await select('map');
  const field = await screen.findByTestId('setting-flow');
  await user.click(field);
  const flows = within(document.getElementById(field.getAttribute('aria-controls') ?? '') as HTMLElement);
  expect(flows.getAllByRole('option', { hidden: true }).map(({ textContent }) => textContent)).toEqual(['summarise']);
  await user.click(flows.getByText('summarise'));
  expect(screen.getByRole('link', { name: 'Open the flow summarise' }).getAttribute('href')).toBe('/p/default/flows/summarise');
  const items = screen.getByTestId('connect-items');
  await user.click(items);
  const offered = within(document.getElementById(items.getAttribute('aria-controls') ?? '') as HTMLElement);
  expect(offered.getAllByRole('option', { hidden: true }).map(({ textContent }) => textContent)).toEqual(['Input: messages', 'Retrieve: passages']);
  await user.click(offered.getByText('Retrieve: passages'));
  const { graph } = await save(requests);
  expect(graph.nodes.at(-1)).toMatchObject({ id: 'map', type: 'map', settings: { flow: 'summarise', concurrency: 4, onError: 'fail' } });
  expect(graph.edges).toContainEqual({ id: 'retrieve.passages-map.items', from: 'retrieve', fromPort: 'passages', to: 'map', toPort: 'items' });
  expect(screen.getByTestId('node-map').textContent).toContain('summarise');
});

test('somebody else being faster is said, and either revision can be kept', async () => {
  let newest = 5;
  const requests = fakeApi({
    ...routes,
    [`GET ${root}/flows/docs`]: () => ({ ...flow, revision: requests.some(({ method }) => method === 'PUT') ? newest : 3 }),
    [`PUT ${root}/flows/docs/graph`]: async (request: Request) => {
      const { baseRevision } = (await request.json()) as { baseRevision: number };
      return baseRevision === newest ? { revision: (newest += 1), problems: [] } : problem(409, 'Conflict', 'The newest revision is 5.');
    },
  });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('palette-model'));
  const notice = await screen.findByTestId('conflict');
  await user.click(within(notice).getByText('Keep mine'));
  await waitFor(() => expect(screen.getByTestId('save-state').textContent).toContain('Revision 6'));
  expect(screen.queryByTestId('conflict')).toBeNull();
  expect(screen.getByTestId('node-model2')).toBeDefined();
});

test('a save that fails is said and tried again', async () => {
  let down = true;
  fakeApi({ ...routes, [`PUT ${root}/flows/docs/graph`]: () => (down ? problem(503, 'Unavailable', 'The database is away.') : { revision: 4, problems: [] }) });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('palette-model'));
  await waitFor(() => expect(screen.getByTestId('save-state').dataset.state).toBe('failed'));
  down = false;
  await user.click(within(screen.getByTestId('save-state')).getByText('Retry'));
  await waitFor(() => expect(screen.getByTestId('save-state').textContent).toContain('Revision 4'));
});

test('a run is watched on the graph, its answer streams, and its citation opens the passage', async () => {
  const event = (sequence: number, type: string, node: string | null, data: unknown = null) => ({ sequence, type, node, attempt: 1, at: '2026-11-21T04:00:01Z', data });
  const requests = fakeApi({
    ...routes,
    [`POST ${root}/flows/docs/runs`]: run(),
    [`GET ${root}/runs/r1`]: finishedRun(),
    [`GET ${root}/runs/r1/events`]: () =>
      eventStream([
        event(1, 'run.started', null),
        event(2, 'step.started', 'retrieve'),
        event(3, 'step.finished', 'retrieve', { output: { passages: [passage] } }),
        event(0, 'step.delta', 'model', { text: 'It has one door [1].', offset: 0, answer: true }),
        event(4, 'run.succeeded', null, { output: { text: 'It has one door [1].', passages: [passage] } }),
      ]),
    [`GET ${root}/knowledge-bases/aifactory/documents/d1/text`]: { text: 'It has one door, well kept, and no other.', start: 0, length: 41, total: 41 },
  });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('open-run'));
  await user.type(screen.getByTestId('run-input'), 'What is it?');
  await user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(screen.getByTestId('run').dataset.state).toBe('succeeded'));
  expect(await requests.find(({ url, method }) => method === 'POST' && url.endsWith('/runs'))?.json()).toEqual({ input: { text: 'What is it?' }, revision: 3 });
  expect(screen.getByTestId('run-output').textContent).toBe('It has one door 1.');
  expect(screen.getByTestId('node-model').dataset.state).toBe('succeeded');
  await user.click(screen.getByTestId('citation'));
  expect((await screen.findByTestId('passage')).textContent).toBe(passage.text);
});

test('a run that is refused says why', async () => {
  fakeApi({ ...routes, [`POST ${root}/flows/docs/runs`]: problem(400, 'Validation failed', 'The flow has a cycle.') });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('open-run'));
  await user.type(screen.getByTestId('run-input'), 'x');
  await user.click(screen.getByTestId('run-start'));
  expect((await screen.findByTestId('run-error')).textContent).toContain('The flow has a cycle.');
});

test('what runs other flows can be published again as it is, for they may have changed', async () => {
  const each = { id: 'each', type: 'map', title: null, x: 0, y: 0, settings: { flow: 'summarise' } };
  const published = list([{ alias: 'docs', flow: 'docs', revision: 3, model: 'flow/docs', publishedBy: 'me', publishedAt: flow.createdAt }]);
  fakeApi({ ...routes, [`GET ${root}/flows/docs`]: { ...flow, graph: { ...templateGraph, nodes: [...templateGraph.nodes, each] } }, [`GET ${root}/published`]: published });
  renderPage('/p/default/flows/docs');
  await userEvent.setup().click(await screen.findByTestId('publish'));
  expect((await screen.findByTestId('published')).textContent).toContain('Revision 3 answers');
  expect(screen.getByTestId<HTMLButtonElement>('confirm-publish').disabled).toBe(false);
});

test('a published flow shows its model name and how to call it', async () => {
  let published: unknown[] = [];
  const requests = fakeApi({
    ...routes,
    [`GET ${root}/published`]: () => list(published),
    [`POST ${root}/flows/docs/publish`]: () => {
      published = [{ alias: 'help', flow: 'docs', revision: 3, model: 'flow/help', publishedBy: 'me', publishedAt: flow.createdAt }];
      return published[0];
    },
  });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('publish'));
  const alias = await screen.findByTestId('publish-alias');
  await user.clear(alias);
  await user.type(alias, 'help');
  await user.click(screen.getByTestId('confirm-publish'));
  expect((await screen.findByTestId('snippet-curl')).textContent).toContain('"model": "flow/help"');
  expect(await requests.find(({ url }) => url.endsWith('/publish'))?.json()).toEqual({ alias: 'help', revision: null });
});

test('who may only read sees the canvas and no way to change it', async () => {
  fakeApi({ ...routes, 'GET /api/session': { subject: 'key:1', project: 'default', roles: ['viewer'], factoryWide: false, permissions: ['flows.read'] } });
  renderPage('/p/default/flows/docs');
  expect(await screen.findByTestId('node-model')).toBeDefined();
  for (const id of ['palette-model', 'publish', 'undo', 'open-run', 'save-state']) {
    expect(screen.queryByTestId(id)).toBeNull();
  }
});

test('the history says what an older revision would change, and restores it as the newest', async () => {
  const first = { nodes: templateGraph.nodes.slice(0, 1), edges: [] };
  const requests = fakeApi({
    ...routes,
    [`GET ${root}/published`]: list([{ alias: 'docs', flow: 'docs', revision: 1, publishedBy: 'user:ada', publishedAt: flow.createdAt }]),
    [`GET ${root}/flows/docs/revisions`]: list([3, 1].map((revision) => ({ revision, createdBy: 'user:ada', createdAt: flow.createdAt, graph: null }))),
    [`GET ${root}/flows/docs/revisions/3`]: { revision: 3, createdBy: 'user:ada', createdAt: flow.createdAt, graph: flow.graph },
    [`GET ${root}/flows/docs/revisions/1`]: { revision: 1, createdBy: 'user:ada', createdAt: flow.createdAt, graph: first },
    [`PUT ${root}/flows/docs/graph`]: { revision: 4, problems: [] },
  });
  renderPage('/p/default/flows/docs');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('history'));
  const newest = await screen.findByTestId('revision-3');
  expect(newest.textContent).toContain('current');
  await user.click(within(newest).getByRole('button'));
  expect(await screen.findByTestId('no-difference')).toBeDefined();
  const oldest = screen.getByTestId('revision-1');
  expect(oldest.textContent).toContain('published');
  await user.click(within(oldest).getByRole('button'));
  expect((await within(oldest).findByTestId('difference')).textContent).toContain(`Removes`);
  await user.click(within(oldest).getByTestId('restore'));
  const { baseRevision, graph } = await save(requests);
  expect(baseRevision).toBe(3);
  expect(graph.nodes.map(({ id }) => id)).toEqual(first.nodes.map(({ id }) => id));
  // It is an edit like any other.
  await user.click(screen.getByTestId('undo'));
  expect(await screen.findByTestId(`node-${templateGraph.nodes[1]?.id}`)).toBeDefined();
});
