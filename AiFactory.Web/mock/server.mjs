// Development and tests only: the API of the console with made-up data, for work on pages without the services.
//   npm run mock                        listens on MOCK_PORT (8091)
//   GATEWAY_URL=http://127.0.0.1:8091 npm run dev
// Sign in with the key "empty", "error" or "viewer" to see those variants, and with any other for data; the link's token is "mock-token".
import { createServer } from 'node:http';
import { builder } from './builder.mjs';
import { createData } from './data.mjs';
import { batches, guardrails, jobs, limits, limitStates, refusals, traffic, upstreams, variants } from './gateway.mjs';

const port = Number(process.env.MOCK_PORT ?? 8091);
const all = ['projects.read', 'projects.write', 'keys.read', 'keys.write', 'models.read', 'models.write', 'models.approve', 'deployments.read', 'deployments.write', 'workers.read', 'audit.read', 'usage.read', 'limits.write', 'guardrails.read', 'guardrails.write', 'upstreams.read', 'upstreams.write', 'inference.invoke', 'flows.read', 'flows.write', 'flows.run', 'knowledge.read', 'knowledge.write', 'threads.read', 'threads.write'];
const viewer = ['projects.read', 'models.read', 'deployments.read', 'workers.read', 'audit.read', 'usage.read', 'guardrails.read', 'upstreams.read', 'flows.read', 'knowledge.read', 'threads.read'];
const data = createData();

const answer = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'mock-0001', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
};
const problem = (response, status, title, detail, errors) =>
  answer(response, status, { type: 'urn:aifactory:problem:mock', title, status, detail, errors, requestId: 'mock-0001' });
const page = (items, next = null) => ({ items, next });

function session(request) {
  const variant = /aifactory_mock=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  return variant && {
    variant,
    body: {
      subject: variant === 'viewer' ? 'key:0197f2aa-viewer' : 'user:console',
      project: 'default',
      roles: [variant === 'viewer' ? 'viewer' : 'admin'],
      factoryWide: variant !== 'viewer',
      permissions: variant === 'viewer' ? viewer : all,
    },
  };
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return text === '' ? {} : JSON.parse(text);
}

function signIn(response, { token, key }) {
  if (token !== undefined && token !== 'mock-token') {
    return problem(response, 401, 'Not signed in', 'The sign-in link is not valid any more.');
  }
  if (key !== undefined && key.startsWith('wrong')) {
    return problem(response, 401, 'Not signed in', 'The key is not known.');
  }
  const variant = ['empty', 'error', 'viewer'].includes(key) ? key : 'data';
  answer(response, 200, {}, { 'set-cookie': `aifactory_mock=${variant}; Path=/; HttpOnly; SameSite=Strict` });
}

async function chat(response, body) {
  const last = body.messages.at(-1).content;
  if (last.includes('too long')) {
    return answer(response, 400, { error: { message: "This model's maximum context length is 2048 tokens, but 4100 were asked for.", type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const words = `A factory takes raw material in at one door and lets finished goods out at another. This one takes weights in, reads every byte of them, asks a person, and lets answers out.\n\nYou asked: ${last}`.match(/\s*\S+/g);
  let left = false;
  response.on('close', () => { left = true; });
  await new Promise((resolve) => setTimeout(resolve, 180));
  let sent = 0;
  for (const word of words) {
    if (left || sent >= (body.max_tokens ?? 1e9)) {
      break;
    }
    sent += 1;
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: word } }] })}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: sent < words.length ? 'length' : 'stop' }] })}\n\n`);
  response.write(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 23, completion_tokens: sent, total_tokens: 23 + sent } })}\n\n`);
  response.end('data: [DONE]\n\n');
}

function library(request, response, { pathname, searchParams }, body, variant) {
  const empty = variant === 'empty';
  if (variant === 'error' && pathname !== '/api/library/projects') {
    return problem(response, 503, 'Unavailable', 'The library does not answer: its database is away.');
  }
  if (pathname === '/api/library/projects') {
    return request.method === 'POST' ? problem(response, 409, 'Conflict', 'A project with this name exists.') : answer(response, 200, page(data.projects));
  }
  if (pathname === '/api/library/workers') {
    return answer(response, 200, page(empty ? [] : data.workers));
  }
  const [, collection, rest] = /^\/api\/library\/(?:projects\/[^/]+\/)?(\w+)\/?(.*)$/.exec(pathname) ?? [];
  const name = decodeURIComponent(rest ?? '');
  if (collection === 'models') {
    const model = data.models.find((each) => each.name === name);
    return name === '' ? answer(response, 200, page(empty ? [] : data.models)) : model ? answer(response, 200, model) : problem(response, 404, 'Not found', `There is no model '${name}'.`);
  }
  const version = data.models.flatMap(({ versions }) => versions).find(({ id }) => name === `${id}/revocation`);
  if (version) {
    Object.assign(version, { state: 'revoked', reason: body.reason, revokedBy: 'user:console', revokedAt: new Date().toISOString() });
    return answer(response, 200, version);
  }
  if (collection === 'versions') {
    return problem(response, 403, 'Forbidden', 'This project asks for a second person: the author of a version does not approve it.');
  }
  if (collection === 'deployments' && /\/rollouts(\/|$)/.test(name)) {
    const [deployment, , id, act] = name.split('/');
    const mine = data.rollouts.filter((each) => each.deployment === deployment);
    const ended = { promote: ['completed', 100], abort: ['cancelled', 0], pause: ['paused'], resume: ['running'] }[act];
    if (ended) {
      const [state, percent] = ended;
      const found = mine.find((each) => each.id === id);
      return answer(response, 200, Object.assign(found, { state, percent: percent ?? found.percent, endedAt: percent === undefined ? null : new Date().toISOString(), message: `It was ${state} by user:console. Before: ${found.message}` }));
    }
    return request.method === 'POST' ? problem(response, 400, 'Validation failed', 'One field is not valid.', { candidate: ['It has another task.'] }) : answer(response, 200, page(empty ? [] : mine));
  }
  if (collection === 'deployments') {
    if (request.method === 'POST') {
      return problem(response, 400, 'Validation failed', 'One or more fields are not valid.', { replicas: ['Only 3 workers are known.'] });
    }
    if (request.method === 'DELETE') {
      data.deployments = data.deployments.filter((each) => each.name !== name);
      return answer(response, 204);
    }
    const deployment = data.deployments.find((each) => each.name === name);
    if (request.method === 'PUT') {
      Object.assign(deployment, body);
    }
    return name === '' ? answer(response, 200, page(empty ? [] : data.deployments)) : deployment ? answer(response, 200, deployment) : problem(response, 404, 'Not found', `There is no deployment '${name}'.`);
  }
  if (collection === 'sources') {
    return answer(response, request.method === 'POST' ? 202 : 200, request.method === 'POST' ? data.sources[0].lastSync : page(empty ? [] : data.sources));
  }
  if (collection === 'keys') {
    if (request.method === 'POST') {
      return answer(response, 201, { key: { ...data.keys[0], name: body.name ?? data.keys[0].name }, replaced: name.endsWith('/rotate') ? data.keys[1] : null, secret: 'aif_mOckSecretThatOpensNothing0123456789abcdefgh' });
    }
    return request.method === 'DELETE' ? answer(response, 204) : answer(response, 200, page(empty ? [] : data.keys));
  }
  if (collection === 'limits') {
    return request.method === 'GET'
      ? answer(response, 200, page(empty ? [] : limits))
      : request.method === 'DELETE'
        ? answer(response, 204)
        : problem(response, 400, 'Validation failed', 'One or more fields are not valid.', { amount: ['Use a whole number from 1.'] });
  }
  if (collection === 'upstreams') {
    return name.endsWith('/test')
      ? answer(response, 200, { code: 'ok', message: 'It answers, and lists 2 models.', status: 200 })
      : request.method === 'GET'
        ? answer(response, 200, page(empty ? [] : upstreams))
        : problem(response, 400, 'Validation failed', 'One or more fields are not valid.', { baseUrl: ['The host is not among those that may be called.'] });
  }
  if (collection === 'guardrails') {
    if (request.method === 'PUT') {
      Object.assign(guardrails, { rules: body.rules, version: guardrails.version + 1, updatedAt: new Date().toISOString() });
    }
    return answer(response, 200, empty ? { ...guardrails, version: 0, rules: [], updatedAt: null } : guardrails);
  }
  if (collection === 'audit') {
    const start = Number(searchParams.get('after') ?? 0);
    return answer(response, 200, empty ? page([]) : page(data.audit.slice(start, start + 20), start + 20 < data.audit.length ? String(start + 20) : null));
  }
  return problem(response, 404, 'Not found', pathname);
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  const isUpload = request.headers['content-type'] !== 'application/json';
  const body = request.method === 'GET' || isUpload ? (request.resume(), {}) : await readBody(request);
  if (request.method !== 'GET' && request.headers['x-aifactory-console'] !== '1') {
    return problem(response, 403, 'Forbidden', 'The header x-aifactory-console is missing.');
  }
  const signedIn = session(request);
  if (url.pathname === '/api/session') {
    if (request.method === 'POST') {
      return signIn(response, body);
    }
    if (request.method === 'DELETE') {
      return answer(response, 204, undefined, { 'set-cookie': 'aifactory_mock=; Path=/; Max-Age=0' });
    }
  }
  if (url.pathname === '/api/session') {
    return signedIn ? answer(response, 200, signedIn.body) : answer(response, 204);
  }
  if (url.pathname === '/api/session/oidc') {
    return answer(response, 200, { name: process.env.MOCK_PROVIDER ?? null });
  }
  if (!signedIn) {
    return problem(response, 401, 'Not signed in', null);
  }
  if (url.pathname === '/api/usage/variants') {
    return signedIn.variant === 'error' ? problem(response, 503, 'Unavailable', 'The usage ledger cannot be read now: its database does not answer.') : answer(response, 200, variants(signedIn.variant === 'empty'));
  }
  if (url.pathname === '/api/traffic') {
    return signedIn.variant === 'error' ? problem(response, 503, 'Unavailable', 'The gateway stops.') : answer(response, 200, traffic(signedIn.variant === 'empty'));
  }
  if (url.pathname === '/api/audit') {
    return signedIn.variant === 'error' ? problem(response, 503, 'Unavailable', 'The audit cannot be read now: its database does not answer.') : answer(response, 200, page(signedIn.variant === 'empty' ? [] : refusals()));
  }
  if (url.pathname === '/api/audit/check') {
    return answer(response, 200, { entries: 6, intact: true, brokenAt: null, head: 'c4'.repeat(32) });
  }
  if (url.pathname === '/api/cache') {
    return answer(response, 200, { removed: 1200 });
  }
  if (url.pathname === '/api/limits') {
    return answer(response, 200, signedIn.variant === 'empty' ? { items: [], currency: 'EUR', gateways: 1 } : limitStates(data.keys));
  }
  if (url.pathname === '/api/guardrails/try') {
    const masked = body.text.replace(/\S+@\S+\.\w+/g, '[removed]');
    return answer(response, 200, { outcome: masked === body.text ? 'passed' : 'masked', text: masked, found: masked === body.text ? [] : ['mask:no-contact-data'], message: null });
  }
  if (url.pathname === '/v1/batches') {
    return answer(response, 200, signedIn.variant === 'empty' ? { ...batches(), data: [] } : batches());
  }
  if (url.pathname === '/api/jobs') {
    return answer(response, 200, signedIn.variant === 'empty' ? { items: [], next: null } : jobs());
  }
  if (url.pathname === '/v1/chat/completions') {
    return chat(response, body);
  }
  if (url.pathname === '/v1/embeddings') {
    const vector = (text) => Array.from({ length: 384 }, (_, index) => Math.sin(index + text.length));
    return answer(response, 200, { data: body.input.map((text, index) => ({ index, embedding: vector(text) })), usage: { prompt_tokens: 17 } });
  }
  if (url.pathname.startsWith('/api/builder/')) {
    return builder(request, response, url, body, signedIn.variant, { answer, problem, page });
  }
  return library(request, response, url, body, signedIn.variant);
}).listen(port, '127.0.0.1', () => console.log(`The mock listens on http://127.0.0.1:${port}`));
