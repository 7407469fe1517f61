import { expect, test, vi } from 'vitest';
import { fakeApi, problem } from '../testing/fakeApi';
import { namePath, projectPath, request, withQuery } from './http';
import { ApiError } from './problem';

test('only a call that changes something carries the console header', async () => {
  const requests = fakeApi({ 'GET /a': { ok: 1 }, 'POST /a': { ok: 2 } });
  await request('/a');
  await request('/a', { method: 'POST', body: { x: 1 } });
  expect(requests.map(({ headers }) => headers.get('x-aifactory-console'))).toEqual([null, '1']);
  expect(await requests[1]?.json()).toEqual({ x: 1 });
});

test('problem details become an error with the fields at fault', async () => {
  fakeApi({ 'POST /a': problem(400, 'Validation failed', 'Two fields are not valid.', { Name: ['Is taken.', 'Is too long.'] }) });
  const error = await request('/a', { method: 'POST' }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 400, title: 'Validation failed', detail: 'Two fields are not valid.', fields: { name: 'Is taken. Is too long.' } });
});

test("OpenAI's envelope becomes an error with its code", async () => {
  fakeApi({ 'POST /v1': Response.json({ error: { message: 'Too long.', type: 'invalid_request_error', code: 'context_length_exceeded' } }, { status: 400 }) });
  await expect(request('/v1', { method: 'POST' })).rejects.toMatchObject({ detail: 'Too long.', code: 'context_length_exceeded' });
});

test('a page of a proxy in between becomes an error too', async () => {
  fakeApi({ 'GET /a': new Response('<html>', { status: 502, headers: { 'x-request-id': 'r1' } }) });
  await expect(request('/a')).rejects.toMatchObject({ status: 502, detail: null, requestId: 'r1' });
});

test('no answer at all is an error that says so', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
  await expect(request('/a')).rejects.toMatchObject({ status: 0, title: 'The gateway did not answer' });
});

test('values are encoded, and the slashes of a model name stay', () => {
  expect(projectPath('a b', `models/${namePath('acme/x y?')}`)).toBe('/api/library/projects/a%20b/models/acme/x%20y%3F');
  expect(withQuery('/a', { after: 'x&y', limit: null })).toBe('/a?after=x%26y');
});
