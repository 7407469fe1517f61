// Development and tests only: the builder's API with made-up data, see server.mjs.
import { blankGraph, stepTypes, templateGraph } from './steps.mjs';

const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const now = () => new Date().toISOString();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let ids = 100;
const newId = () => `0197f2b0-0000-7000-8000-${String((ids += 1)).padStart(12, '0')}`;

const gatewayText =
  'AiFactory.Gateway\n\nThe gateway is the only public door of the factory. It authenticates a caller, finds the routes of the project and forwards the request to a worker that is ready. A client that leaves frees the slot of the worker within one decode step. Usage is metered for each key.\n\nKeys\n\nAn API key begins with aif_ and only its hash is stored. Revoking a key takes effect at once.\n\nRoutes\n\nA deployment is reached by its name as the model. Of several replicas the one with the shortest queue is taken.';
const document = (name, state, over = {}) => ({ id: newId(), name, contentType: name.endsWith('.pdf') ? 'application/pdf' : 'text/markdown', size: 18_204, digest: `sha256:${'ab'.repeat(32)}`, state, error: null, chunks: 42, embedded: 42, createdAt: ago(4000), updatedAt: ago(3990), ...over });
const documents = [
  document('AiFactory.Gateway/README.md', 'ready'),
  document('AiFactory.ModelLibrary/README.md', 'ready', { chunks: 61, embedded: 61, size: 31_020 }),
  document('docs/operations.pdf', 'embedding', { chunks: 210, embedded: 84, size: 2_480_128 }),
  document('docs/scan-of-a-contract.pdf', 'failed', { chunks: 0, embedded: 0, error: 'This PDF has no text: its pages are pictures.' }),
  document('README.md', 'queued', { chunks: 0, embedded: 0 }),
];
const passages = [
  ['The gateway is the only public door of the factory. It authenticates a caller, finds the routes of the project and forwards the request to a worker that is ready.', 19],
  ['Usage is metered for each key.', 252],
  ['Revoking a key takes effect at once.', 342],
].map(([text, start], index) => ({ documentId: documents[0].id, documentName: documents[0].name, ordinal: index, text, start, end: start + text.length, score: 0.0328 - index * 0.004, vectorRank: index + 1, vectorScore: 0.81 - index * 0.09, textRank: index === 1 ? null : index + 1, textScore: index === 1 ? null : 0.3 }));
const base = { name: 'aifactory', description: "The factory's own documents", embeddingModel: 'demo-embed', chunkSize: 600, chunkOverlap: 100, documents: 5, chunks: 313, bytes: 2_566_700, createdAt: ago(5000) };

const answerText = 'The gateway is the only public door of the factory: it authenticates each caller and forwards the request to a worker that is ready [1]. What is used is metered for each key [2].';
const bases = [base, { ...base, name: 'handbook', description: null, documents: 0, chunks: 0, bytes: 0, createdAt: ago(600) }];
const flows = [
  { name: 'ask-the-docs', description: 'Answers from the project documents', revision: 7, publishedAlias: 'docs', publishedRevision: 6, createdBy: 'user:console', createdAt: ago(4000), updatedAt: ago(200), graph: templateGraph('aifactory', 'demo-chat') },
  { name: 'triage', description: '', revision: 2, publishedAlias: null, publishedRevision: null, createdBy: 'user:console', createdAt: ago(3000), updatedAt: ago(2500), graph: { nodes: templateGraph('', '').nodes.slice(0, 3), edges: [] } },
];
let published = [{ alias: 'docs', flow: 'ask-the-docs', revision: 6, model: 'flow/docs', publishedBy: 'user:console', publishedAt: ago(1000) }];
const runs = [];
const agents = [{ name: 'porter', description: 'Knows the house', model: 'demo-chat', instructions: 'Answer shortly.', rulesets: ['polite'], tools: ['weather'], knowledgeBases: ['aifactory'], maxSteps: 8, maxSeconds: 60 }];
const tools = [{ name: 'weather', description: 'The weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } }, kind: 'http', method: 'GET', url: 'https://weather.example/v1/{city}', headers: { Accept: 'application/json' }, timeoutSeconds: 15 }];
const rulesets = [{ name: 'polite', rules: ['Do not talk about gardening.', 'Say so when you do not know.'], checks: [{ kind: 'forbidden_words', value: 'guarantee' }], onViolation: 'reject', version: 2 }];
const cited = passages.map(({ documentId, documentName, start, end, text }) => ({ documentId, documentName, start, end, text }));
const threads = [
  { id: newId(), title: 'What does the gateway do?', target: 'flow:ask-the-docs', createdBy: 'user:console', createdAt: ago(900), updatedAt: ago(840), messages: [
    { id: newId(), role: 'user', content: 'What does the gateway do?', runId: null, passages: null, createdAt: ago(850) },
    { id: newId(), role: 'assistant', content: answerText, runId: null, passages: cited, createdAt: ago(840) },
  ] },
  { id: newId(), title: 'Opening hours', target: 'agent:porter', createdBy: 'user:console', createdAt: ago(9000), updatedAt: ago(8000), messages: [] },
];

/** The little that the console's pages need to show what the real one finds. */
function problemsOf(graph) {
  const problems = [];
  for (const node of graph.nodes) {
    const type = stepTypes.find((each) => each.type === node.type);
    for (const port of type?.inputs ?? []) {
      if (port.required && !graph.edges.some((edge) => edge.to === node.id && edge.toPort === port.name)) {
        problems.push({ node: node.id, edge: null, code: 'input_not_connected', message: `Its input '${port.name}' is not connected.` });
      }
    }
    for (const setting of type?.settings ?? []) {
      if (setting.required && (node.settings[setting.name] ?? setting.default ?? '') === '') {
        problems.push({ node: node.id, edge: null, code: 'setting_missing', message: `'${setting.title}' is not set.` });
      }
    }
  }
  if (!graph.nodes.some(({ type }) => type === 'output')) {
    problems.push({ node: null, edge: null, code: 'no_output', message: 'The flow has no output step.' });
  }
  return problems;
}

function newRun(flow, input, { fails = false } = {}) {
  const { graph } = flow;
  const run = {
    id: newId(), flow: flow.name, revision: flow.revision, state: 'queued', input, output: null, error: null, usage: { promptTokens: 0, completionTokens: 0 },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736', threadId: null, startedBy: 'user:console', createdAt: now(), startedAt: null, finishedAt: null, events: [], listeners: new Set(),
    steps: graph.nodes.map(({ id, type }) => ({ node: id, type, state: 'pending', attempt: 0, startedAt: null, finishedAt: null, output: null, error: null, truncated: false })),
  };
  runs.unshift(run);
  run.done = play(run, fails);
  return run;
}

async function play(run, fails) {
  const emit = (type, node = null, data = null) => {
    const event = { sequence: type === 'step.delta' ? 0 : run.events.length + 1, type, node, attempt: node && 1, at: now(), data };
    if (type !== 'step.delta') {
      run.events.push(event);
    }
    run.listeners.forEach((listener) => listener(event));
  };
  await pause(150);
  Object.assign(run, { state: 'running', startedAt: now() });
  emit('run.started');
  for (const step of run.steps) {
    if (run.state === 'cancelled') {
      break;
    }
    Object.assign(step, { state: 'running', attempt: 1, startedAt: now() });
    emit('step.started', step.node);
    await pause(step.type === 'retrieve' ? 350 : 120);
    if (fails && step.type === 'model') {
      const error = 'The model did not answer within 60 seconds.';
      Object.assign(step, { state: 'failed', finishedAt: now(), error });
      emit('step.failed', step.node, { error });
      Object.assign(run, { state: 'failed', finishedAt: now(), error: `Model: ${error}` });
      return emit('run.failed', null, { error: run.error });
    }
    if (step.type === 'model') {
      let offset = 0;
      for (const word of answerText.match(/\s*\S+/g)) {
        emit('step.delta', step.node, { text: word, offset, answer: true });
        offset += word.length;
        await pause(30);
      }
    }
    const output = { input: { text: run.input.text }, retrieve: { passages, text: '[1] ...' }, model: { text: answerText, usage: { promptTokens: 311, completionTokens: 46 } }, output: { text: answerText, passages } }[step.type] ?? { text: run.input.text };
    Object.assign(step, { state: 'succeeded', finishedAt: now(), output });
    emit('step.finished', step.node, { output });
  }
  if (run.state !== 'cancelled') {
    Object.assign(run, { state: 'succeeded', finishedAt: now(), output: { text: answerText, passages }, usage: { promptTokens: 311, completionTokens: 46 } });
    emit('run.succeeded', null, { output: run.output });
  } else {
    run.finishedAt = now();
    emit('run.cancelled');
  }
}

const shown = ({ events, listeners, done, ...run }) => run;
const summary = ({ events, listeners, done, input, output, steps, ...run }) => ({ ...run, title: (input.text || JSON.stringify(input)).slice(0, 120) });
const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

async function sendEvents(response, run, after) {
  response.writeHead(200, head);
  const write = (event) => response.write(`id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`);
  run.events.filter(({ sequence }) => sequence > after).forEach(write);
  run.listeners.add(write);
  await run.done;
  run.listeners.delete(write);
  response.end();
}

async function sendAnswer(response, thread, content) {
  response.writeHead(200, head);
  const write = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (content.includes('fail')) {
    write('message.failed', { problem: { type: 'urn:aifactory:problem:mock', title: 'The answer failed', status: 504, detail: 'The agent took its 8 steps and had no answer yet.', code: 'step_limit' } });
    return response.end();
  }
  write('message.step', { type: 'retrieve', state: 'started', node: 'retrieve' });
  await pause(400);
  write('message.step', { type: 'retrieve', state: 'succeeded', node: 'retrieve' });
  for (const word of answerText.match(/\s*\S+/g)) {
    write('message.delta', { text: word });
    await pause(30);
  }
  const message = { id: newId(), role: 'assistant', content: answerText, runId: runs[0]?.id ?? null, passages: cited, createdAt: now() };
  thread.messages.push({ id: newId(), role: 'user', content, createdAt: now() }, message);
  thread.title ??= content;
  write('message.done', { message });
  response.end();
}

newRun(flows[0], { text: 'What does the gateway do?' });
setTimeout(() => newRun(flows[0], { text: 'How long does a key live?' }, { fails: true }), 50);

/** Answers `/api/builder/*`; the helpers are server.mjs's own. */
export function builder(request, response, url, body, variant, { answer, problem, page }) {
  const { method } = request;
  const path = decodeURIComponent(url.pathname);
  const empty = variant === 'empty';
  if (variant === 'error') {
    return problem(response, 503, 'Unavailable', 'The builder does not answer: its database is away.');
  }
  if (path === '/api/builder/step-types') {
    return answer(response, 200, stepTypes);
  }
  const [collection, name, part, id, deed] = path.replace(/^\/api\/builder\/projects\/[^/]+\//, '').split('/');
  const list = (items) => answer(response, 200, page(empty ? [] : items));
  const missing = () => problem(response, 404, 'Not found', `There is no such ${collection.replace(/s$/, '')}: '${name}'.`);
  switch (collection) {
    case 'knowledge-bases': {
      const found = bases.find((each) => each.name === name);
      if (!name) {
        return method === 'GET' ? list(bases) : body.name === 'aifactory' ? problem(response, 409, 'Conflict', 'A knowledge base of this name exists.') : answer(response, 201, bases[bases.push({ ...base, ...body, documents: 0, chunks: 0, bytes: 0, createdAt: now() }) - 1]);
      }
      if (!found) {
        return missing();
      }
      if (part === 'search') {
        return answer(response, 200, { results: found.documents === 0 ? [] : passages, index: 'exact', milliseconds: 3.4 });
      }
      if (part === 'documents' && deed === 'text') {
        const start = Number(url.searchParams.get('start'));
        const text = gatewayText.slice(start, start + Number(url.searchParams.get('length')));
        return id === documents[0].id ? answer(response, 200, { text, start, length: text.length, total: gatewayText.length }) : missing();
      }
      if (part === 'documents' && method === 'POST') {
        const added = deed === 'retry' ? documents.find((each) => each.id === id) : documents[documents.push(document(url.searchParams.get('name'), 'queued', { chunks: 0, embedded: 0, createdAt: now() })) - 1];
        Object.assign(added, { state: 'parsing', error: null });
        setTimeout(() => Object.assign(added, { state: 'embedding', chunks: 30, embedded: 10 }), 1500);
        setTimeout(() => Object.assign(added, { state: 'ready', embedded: 30 }), 4000);
        return answer(response, 202, added);
      }
      return part === 'documents' ? list(found.documents === 0 ? [] : documents) : answer(response, 200, found);
    }
    case 'flows': {
      const flow = flows.find((each) => each.name === name);
      if (!name) {
        if (method === 'GET') {
          return list(flows.map((each) => ({ ...each, graph: null })));
        }
        const made = { ...flows[1], name: body.name, description: body.description ?? '', revision: 1, publishedAlias: null, createdAt: now(), updatedAt: now(), graph: body.template === 'chat-over-documents' ? templateGraph(body.knowledgeBase, body.model) : blankGraph() };
        flows.push(made);
        return answer(response, 201, made);
      }
      if (name === 'validate') {
        return answer(response, 200, { problems: problemsOf(body.graph) });
      }
      if (!flow) {
        return missing();
      }
      if (part === 'graph') {
        if (body.baseRevision !== flow.revision) {
          return problem(response, 409, 'Conflict', `The newest revision is ${flow.revision}.`);
        }
        Object.assign(flow, { graph: body.graph, revision: flow.revision + 1, updatedAt: now() });
        return answer(response, 200, { revision: flow.revision, problems: problemsOf(flow.graph) });
      }
      if (part === 'runs') {
        return answer(response, 202, shown(newRun(flow, body.input, { fails: body.input.text.includes('fail') })));
      }
      if (part === 'publish') {
        published = [...published.filter((each) => each.flow !== name), { alias: body.alias, flow: name, revision: flow.revision, model: `flow/${body.alias}`, publishedBy: 'user:console', publishedAt: now() }];
        flow.publishedAlias = body.alias;
        return answer(response, 200, published.at(-1));
      }
      return method === 'DELETE' ? (flows.splice(flows.indexOf(flow), 1), answer(response, 204)) : answer(response, 200, flow);
    }
    case 'published':
      published = method === 'DELETE' ? published.filter(({ alias }) => alias !== name) : published;
      return method === 'DELETE' ? answer(response, 204) : list(published);
    case 'runs': {
      const run = runs.find((each) => each.id === name);
      if (!name) {
        const wanted = (run) => ['flow', 'state'].every((key) => !url.searchParams.get(key) || url.searchParams.get(key) === run[key]);
        return list(runs.filter(wanted).map(summary));
      }
      if (!run) {
        return missing();
      }
      if (part === 'cancel') {
        run.state = 'cancelled';
      }
      return part === 'events' ? sendEvents(response, run, Number(url.searchParams.get('after') ?? 0)) : answer(response, 200, shown(run));
    }
    case 'threads': {
      const thread = threads.find((each) => each.id === name);
      if (!name) {
        return method === 'GET' ? list(threads.map((each) => ({ ...each, messages: null }))) : answer(response, 201, threads[threads.push({ id: newId(), ...body, createdAt: now(), updatedAt: now(), messages: [] }) - 1]);
      }
      return !thread ? missing() : part === 'messages' ? sendAnswer(response, thread, body.content) : answer(response, 200, thread);
    }
    case 'agents':
    case 'tools':
    case 'rulesets': {
      const items = { agents, tools, rulesets }[collection];
      if (method === 'GET') {
        return list(items);
      }
      const index = items.findIndex((each) => each.name === name);
      items.splice(index < 0 ? items.length : index, 1, ...(method === 'DELETE' ? [] : [{ ...body, name: name ?? body.name }]));
      return answer(response, method === 'DELETE' ? 204 : 200, method === 'DELETE' ? undefined : body);
    }
    default:
      return missing();
  }
}
