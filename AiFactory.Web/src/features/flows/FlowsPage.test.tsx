import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { flow, stepTypes } from '../../testing/flows';
import { demoChat, renderPage, signedIn } from '../../testing/renderPage';

const root = '/api/builder/projects/default';
const list = (items: unknown[]) => ({ items, next: null });
const base = (name: string) => ({ name, description: '', embeddingModel: 'demo-embed', chunkSize: 600, chunkOverlap: 100, documents: 1, chunks: 1, bytes: 1, createdAt: flow.createdAt });

const routes = {
  ...signedIn,
  'GET /api/builder/step-types': stepTypes,
  [`GET ${root}/flows`]: list([]),
  [`GET ${root}/knowledge-bases`]: list([base('a-base'), base('aifactory')]),
  'GET /api/library/projects/default/deployments': list([{ ...demoChat, name: 'another' }, demoChat]),
};

test('a chat over documents is there in three clicks, with the seeded model and base', async () => {
  const requests = fakeApi({ ...routes, [`POST ${root}/flows`]: { ...flow, name: 'chat-over-documents' }, [`GET ${root}/flows/chat-over-documents`]: { ...flow, name: 'chat-over-documents' } });
  const router = renderPage('/p/default/flows');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-flow'));
  await user.click(await screen.findByTestId('template-chat-over-documents'));
  await waitFor(() => expect((screen.getByTestId('create-flow') as HTMLButtonElement).disabled).toBe(false));
  await user.click(screen.getByTestId('create-flow'));
  await waitFor(() => expect(router.state.location.pathname).toBe('/p/default/flows/chat-over-documents'));
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({
    name: 'chat-over-documents',
    description: null,
    template: 'chat-over-documents',
    knowledgeBase: 'aifactory',
    model: 'demo-chat',
  });
});

test('a name that is taken gets a number, and a refusal shows at its field', async () => {
  fakeApi({ ...routes, [`GET ${root}/flows`]: list([{ ...flow, name: 'chat-over-documents', graph: null }]), [`POST ${root}/flows`]: problem(400, 'Validation failed', 'A name is too long.', { Name: ['Is too long.'] }) });
  renderPage('/p/default/flows');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('new-flow'));
  const name = (await screen.findByTestId('flow-name')) as HTMLInputElement;
  expect(name.value).toBe('chat-over-documents-2');
  await waitFor(() => expect((screen.getByTestId('create-flow') as HTMLButtonElement).disabled).toBe(false));
  await user.click(screen.getByTestId('create-flow'));
  expect(await screen.findByText('Is too long.')).toBeDefined();
});

test('the list shows the name that a published flow is called by', async () => {
  fakeApi({ ...routes, [`GET ${root}/flows`]: list([{ ...flow, publishedAlias: 'help', graph: null }]) });
  renderPage('/p/default/flows');
  expect((await screen.findByTestId('flow-docs')).textContent).toContain('flow/help');
});
