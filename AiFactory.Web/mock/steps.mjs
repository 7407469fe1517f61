// Development and tests only: the step types as the builder describes them, and the template's graph.
const needs = (name, type, multiple = false) => ({ name, type, required: true, multiple });
const takes = (name, type, multiple = false) => ({ name, type, required: false, multiple });
const gives = (name, type) => ({ name, type });
const setting = (name, title, kind, over = {}) => ({ name, title, kind, required: false, default: null, options: null, help: null, min: null, max: null, ...over });
const step = (type, title, description, inputs, outputs, settings = []) => ({ type, title, description, inputs, outputs, settings });
const waiting = [
  setting('timeoutSeconds', 'Timeout in seconds', 'number', { default: 60, help: 'For one attempt.', min: 1, max: 3600 }),
  setting('retries', 'Retries', 'number', { default: 2, help: 'Further attempts when one failed for a reason that may pass.', min: 0, max: 10 }),
];

export const stepTypes = [
  step('input', 'Input', 'What the flow is asked: a text, the conversation before it, and whatever else the caller sends.', [], [gives('text', 'text'), gives('messages', 'messages'), gives('json', 'json')]),
  step('prompt', 'Prompt', 'Writes a text from a template. {{text}} is all that comes in.', [takes('text', 'any', true)], [gives('text', 'text')], [setting('template', 'Template', 'longText', { required: true, default: '{{text}}', help: 'For example: Summarise this in one sentence: {{text}}' })]),
  step('model', 'Model', 'Asks a model. With passages, it answers only from them and cites them.', [takes('prompt', 'text'), takes('messages', 'messages'), takes('passages', 'passages')], [gives('text', 'text'), gives('usage', 'json')], [
    setting('model', 'Model', 'model', { required: true }),
    setting('system', 'System prompt', 'longText', { help: 'Who the model is and how it answers.' }),
    setting('temperature', 'Temperature', 'number', { help: "The model's own when empty; 0 answers the same each time.", min: 0, max: 2 }),
    setting('maxTokens', 'Longest answer in tokens', 'number', { min: 1, max: 1_000_000 }),
    ...waiting,
  ]),
  step('retrieve', 'Retrieve', 'Finds the passages of a knowledge base that fit a question.', [needs('text', 'text')], [gives('passages', 'passages'), gives('text', 'text')], [
    setting('knowledgeBase', 'Knowledge base', 'knowledgeBase', { required: true }),
    setting('limit', 'Passages', 'number', { default: 4, help: 'How many are found at most.', min: 1, max: 20 }),
    setting('mode', 'Search', 'select', { default: 'hybrid', options: ['hybrid', 'vector', 'text'] }),
    ...waiting,
  ]),
  step('agent', 'Agent', 'Lets an agent answer, with its tools.', [needs('text', 'text')], [gives('text', 'text')], [setting('agent', 'Agent', 'agent', { required: true }), ...waiting]),
  step('condition', 'Condition', "Goes on with 'true' or with 'false', and skips the other branch.", [needs('in', 'any')], [gives('true', 'any'), gives('false', 'any')], [
    setting('test', 'The input', 'select', { required: true, default: 'contains', options: ['contains', 'equals', 'matches', 'is empty'] }),
    setting('value', 'Value', 'text'),
    setting('ignoreCase', 'Ignore case', 'boolean', { default: true }),
  ]),
  step('map', 'Map', 'Runs a flow for each item of a list, several at once, and gives the list of what they answered.', [needs('items', 'list'), takes('with', 'any')], [gives('items', 'list'), gives('text', 'text'), gives('errors', 'list')], [
    setting('flow', 'Flow', 'flow', { required: true }),
    setting('concurrency', 'At once', 'number', { default: 4, min: 1, max: 32 }),
    setting('onError', 'When an item fails', 'select', { default: 'fail', options: ['fail', 'continue'] }),
  ]),
  step('loop', 'Loop', 'Runs a flow again and again, each time with what it answered before, until a test of the answer holds.', [needs('in', 'any'), takes('with', 'any')], [gives('text', 'text'), gives('json', 'json')], [
    setting('flow', 'Flow', 'flow', { required: true }),
    setting('test', 'Until its answer', 'select', { required: true, default: 'contains', options: ['contains', 'equals', 'matches', 'is empty'] }),
    setting('value', 'Value', 'text'),
    setting('maxIterations', 'At most', 'number', { required: true, default: 5, min: 1, max: 100 }),
    setting('onLimit', 'When the test never holds', 'select', { default: 'fail', options: ['fail', 'end'] }),
  ]),
  step('http', 'HTTP', 'Calls a web service.', [takes('in', 'any', true)], [gives('text', 'text'), gives('json', 'json')], [
    setting('method', 'Method', 'select', { required: true, default: 'GET', options: ['GET', 'POST'] }),
    setting('url', 'Address', 'text', { required: true, help: 'For example https://api.example.com/orders?q={{text}}' }),
    setting('headers', 'Headers', 'json', { help: '{"accept": "application/json"}' }),
  ]),
  step('transform', 'Transform', 'Picks a value out of JSON, joins, splits or rewrites a text.', [needs('in', 'any', true)], [gives('text', 'text'), gives('json', 'json')], [setting('operation', 'Operation', 'select', { required: true, default: 'trim', options: ['pick', 'trim', 'upper', 'lower'] })]),
  step('output', 'Output', 'What the flow answers.', [takes('text', 'text', true), takes('json', 'json'), takes('passages', 'passages')], []),
];

export function templateGraph(knowledgeBase, model) {
  const node = (id, x, y, settings = {}) => ({ id, type: id, title: null, x, y, settings });
  const edge = (from, fromPort, to, toPort) => ({ id: `${from}.${fromPort}-${to}.${toPort}`, from, fromPort, to, toPort });
  return {
    nodes: [node('input', 0, 80), node('retrieve', 270, 220, { knowledgeBase, limit: 4, mode: 'hybrid' }), node('model', 540, 60, { model, temperature: 0 }), node('output', 810, 120)],
    edges: [edge('input', 'text', 'retrieve', 'text'), edge('input', 'messages', 'model', 'messages'), edge('retrieve', 'passages', 'model', 'passages'), edge('retrieve', 'passages', 'output', 'passages'), edge('model', 'text', 'output', 'text')],
  };
}

export function blankGraph() {
  return {
    nodes: [{ id: 'input', type: 'input', title: 'Question', x: 0, y: 0, settings: {} }, { id: 'output', type: 'output', title: 'Answer', x: 400, y: 0, settings: {} }],
    edges: [{ id: 'input.text-output.text', from: 'input', fromPort: 'text', to: 'output', toPort: 'text' }],
  };
}
