import { fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { fakeApi, problem } from '../../testing/fakeApi';
import { renderPage, signedIn } from '../../testing/renderPage';

const root = '/api/builder/projects/default/knowledge-bases/handbook';
const at = '2026-11-21T04:00:00Z';
const base = { name: 'handbook', description: '', embeddingModel: 'demo-embed', chunkSize: 600, chunkOverlap: 100, documents: 2, chunks: 42, bytes: 9000, createdAt: at };
const document = (id: string, state: string, over = {}) => ({ id, name: `${id}.md`, contentType: 'text/markdown', size: 1200, digest: 'sha256:00', state, error: null, chunks: 10, embedded: 10, createdAt: at, updatedAt: at, ...over });

const routes = (documents: unknown[]) => ({ ...signedIn, [`GET ${root}`]: base, [`GET ${root}/documents`]: () => ({ items: documents, next: null }) });

/** What the browser would send; the test says how it goes on. */
class FakeUpload {
  static all: FakeUpload[] = [];
  status = 0;
  responseText = '';
  headers: Record<string, string> = {};
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  url = '';
  body: unknown;
  aborted = false;
  constructor() {
    FakeUpload.all.push(this);
  }
  open(_: string, url: string) {
    this.url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getResponseHeader() {
    return null;
  }
  send(body: unknown) {
    this.body = body;
  }
  abort() {
    this.aborted = true;
    this.onabort?.();
  }
  answer(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

function fakeUploads() {
  FakeUpload.all = [];
  vi.stubGlobal('XMLHttpRequest', FakeUpload);
}

async function drop(...files: File[]) {
  const area = await screen.findByTestId('drop');
  fireEvent.drop(area, { dataTransfer: { files, types: ['Files'] } });
}

test('a file that is dropped is sent with its type, shows how much has left, and becomes a document', async () => {
  fakeUploads();
  const documents: unknown[] = [];
  fakeApi(routes(documents));
  renderPage('/p/default/knowledge/handbook');
  await drop(new File(['# Hi'], 'guide & more.md'));
  await waitFor(() => expect(FakeUpload.all).toHaveLength(1));
  const [call] = FakeUpload.all;
  expect(call?.url).toBe(`${root}/documents?name=guide+%26+more.md`);
  expect(call?.headers).toMatchObject({ 'content-type': 'text/markdown', 'x-aifactory-console': '1' });
  call?.upload.onprogress?.({ loaded: 2, total: 4 });
  await waitFor(() => expect(screen.getByTestId('uploading').textContent).toContain('50%'));
  documents.push(document('guide', 'queued'));
  call?.answer(202, documents[0]);
  expect(await screen.findByTestId('document-guide.md')).toBeDefined();
  await waitFor(() => expect(screen.queryByTestId('uploading')).toBeNull());
});

test('two files leave at a time, and one that is refused says why and can be sent again', async () => {
  fakeUploads();
  fakeApi(routes([]));
  renderPage('/p/default/knowledge/handbook');
  await drop(...['a', 'b', 'c'].map((name) => new File(['x'], `${name}.pdf`)));
  await waitFor(() => expect(FakeUpload.all).toHaveLength(2));
  FakeUpload.all[0]?.answer(413, { title: 'Too large', detail: 'A document has at most 100 MiB.' });
  await waitFor(() => expect(FakeUpload.all).toHaveLength(3));
  expect(await screen.findByText('A document has at most 100 MiB.')).toBeDefined();
  FakeUpload.all[1]?.answer(202, document('b', 'queued'));
  await userEvent.setup().click(screen.getByText('Retry'));
  await waitFor(() => expect(FakeUpload.all).toHaveLength(4));
  expect(FakeUpload.all[3]?.url).toContain('a.pdf');
});

test('leaving the page stops what is being sent', async () => {
  fakeUploads();
  fakeApi(routes([]));
  const router = renderPage('/p/default/knowledge/handbook');
  await drop(new File(['x'], 'a.txt'));
  await waitFor(() => expect(FakeUpload.all).toHaveLength(1));
  await router.navigate('/p/default/flows');
  await waitFor(() => expect(FakeUpload.all[0]?.aborted).toBe(true));
});

test('an upload goes on while one searches', async () => {
  fakeUploads();
  fakeApi(routes([]));
  renderPage('/p/default/knowledge/handbook');
  await drop(new File(['x'], 'a.txt'));
  await waitFor(() => expect(FakeUpload.all).toHaveLength(1));
  await userEvent.setup().click(screen.getByTestId('tab-search'));
  expect(await screen.findByTestId('search-query')).toBeDefined();
  expect(FakeUpload.all[0]?.aborted).toBe(false);
});

test('a document that failed says why and can be tried again', async () => {
  const documents = [document('scan', 'failed', { error: 'This PDF has no text.', chunks: 0, embedded: 0 }), document('ready', 'ready')];
  const requests = fakeApi({ ...routes(documents), [`POST ${root}/documents/scan/retry`]: () => (documents[0] = document('scan', 'queued')) });
  renderPage('/p/default/knowledge/handbook');
  expect((await screen.findByTestId('document-scan.md')).textContent).toContain('This PDF has no text.');
  await userEvent.setup().click(screen.getByTestId('retry-document'));
  await waitFor(() => expect(screen.getByTestId('document-scan.md').textContent).toContain('queued'));
  expect(requests.some(({ url }) => url.endsWith('/scan/retry'))).toBe(true);
});

test('a search shows scores and marks the words, and a passage opens in its document', async () => {
  const hit = { documentId: 'ready', documentName: 'ready.md', ordinal: 0, text: 'Keys are metered.', start: 6, end: 23, score: 0.0328, vectorRank: 2, vectorScore: 0.71, textRank: null, textScore: null };
  const requests = fakeApi({
    ...routes([]),
    [`POST ${root}/search`]: { results: [hit], index: 'pgvector', milliseconds: 2.5 },
    [`GET ${root}/documents/ready/text`]: { text: 'First Keys are metered. Last.', start: 0, length: 29, total: 29 },
  });
  renderPage('/p/default/knowledge/handbook?tab=search');
  const user = userEvent.setup();
  await user.type(await screen.findByTestId('search-query'), 'how are keys metered?{Enter}');
  const found = await screen.findByTestId('hit');
  expect(found.textContent).toContain('0.0328');
  expect(found.textContent).toContain('meaning #2 (0.710)');
  expect(found.textContent).not.toContain('words #');
  expect([...found.querySelectorAll('mark')].map(({ textContent }) => textContent)).toEqual(['Keys', 'metered']);
  expect(screen.getByTestId('search-facts').textContent).toContain('pgvector');
  expect(await requests.find(({ url }) => url.endsWith('/search'))?.json()).toEqual({ query: 'how are keys metered?', limit: 10, mode: 'hybrid' });
  await user.click(screen.getByText('ready.md'));
  expect((await screen.findByTestId('passage')).textContent).toBe('Keys are metered.');
});

test('a search is held to the documents that are chosen', async () => {
  const requests = fakeApi({
    ...routes([document('one', 'ready'), document('two', 'ready'), document('three', 'failed')]),
    [`POST ${root}/search`]: { results: [], index: 'exact', milliseconds: 2.5 },
  });
  renderPage('/p/default/knowledge/handbook?tab=search');
  const user = userEvent.setup();
  await user.type(await screen.findByTestId('search-query'), 'keys');
  await user.click(await screen.findByTestId('search-documents'));
  expect(screen.queryByRole('option', { name: 'three.md', hidden: true })).toBeNull();
  await user.click(await screen.findByRole('option', { name: 'two.md', hidden: true }));
  await screen.findByText('No passage matches');
  expect(await requests.find(({ url }) => url.endsWith('/search'))?.json()).toEqual({ query: 'keys', limit: 10, mode: 'hybrid', documents: ['two.md'] });
});

test('a base that the builder cannot show says why', async () => {
  fakeApi({ ...routes([]), [`GET ${root}`]: problem(404, 'Not found', "There is no knowledge base 'handbook'.") });
  renderPage('/p/default/knowledge/handbook');
  expect((await screen.findByTestId('error')).textContent).toContain("There is no knowledge base 'handbook'.");
});
