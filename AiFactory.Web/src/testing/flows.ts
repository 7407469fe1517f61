import type { Flow, FlowGraph, PortType, Run, RunSummary, StepType } from '../api/builder/types';

const input = (name: string, type: PortType, required = false, multiple = false) => ({ name, type, required, multiple });
const output = (name: string, type: PortType) => ({ name, type });
const setting = (name: string, title: string, kind: StepType['settings'][number]['kind'], over: Partial<StepType['settings'][number]> = {}) => ({
  name,
  title,
  kind,
  required: false,
  default: null,
  options: null,
  help: null,
  min: null,
  max: null,
  ...over,
});

export const stepTypes: StepType[] = [
  { type: 'input', title: 'Input', description: 'What the flow is asked.', inputs: [], outputs: [output('text', 'text'), output('messages', 'messages')], settings: [] },
  {
    type: 'retrieve',
    title: 'Retrieve',
    description: 'Finds passages.',
    inputs: [input('text', 'text', true)],
    outputs: [output('passages', 'passages'), output('text', 'text')],
    settings: [setting('knowledgeBase', 'Knowledge base', 'knowledgeBase', { required: true }), setting('limit', 'Passages', 'number', { default: 4, min: 1, max: 20 })],
  },
  {
    type: 'model',
    title: 'Model',
    description: 'Asks a model.',
    inputs: [input('prompt', 'text'), input('messages', 'messages'), input('passages', 'passages')],
    outputs: [output('text', 'text')],
    settings: [setting('model', 'Model', 'model', { required: true }), setting('system', 'System prompt', 'longText'), setting('extra', 'Extra', 'json')],
  },
  {
    type: 'map',
    title: 'Map',
    description: 'Runs a flow for each item of a list.',
    inputs: [input('items', 'list', true), input('with', 'any')],
    outputs: [output('items', 'list'), output('text', 'text'), output('errors', 'list')],
    settings: [
      setting('flow', 'Flow', 'flow', { required: true }),
      setting('concurrency', 'At once', 'number', { default: 4, min: 1, max: 32 }),
      setting('onError', 'When an item fails', 'select', { default: 'fail', options: ['fail', 'continue'] }),
    ],
  },
  { type: 'output', title: 'Output', description: 'What the flow answers.', inputs: [input('text', 'text', false, true), input('passages', 'passages')], outputs: [], settings: [] },
];

export const types: ReadonlyMap<string, StepType> = new Map(stepTypes.map((type) => [type.type, type]));

const edge = (from: string, fromPort: string, to: string, toPort: string) => ({ id: `${from}.${fromPort}-${to}.${toPort}`, from, fromPort, to, toPort });

export const templateGraph: FlowGraph = {
  nodes: [
    { id: 'input', type: 'input', title: null, x: 0, y: 0, settings: {} },
    { id: 'retrieve', type: 'retrieve', title: null, x: 240, y: 100, settings: { knowledgeBase: 'aifactory', limit: 4 } },
    { id: 'model', type: 'model', title: null, x: 480, y: 0, settings: { model: 'demo-chat' } },
    { id: 'output', type: 'output', title: null, x: 720, y: 0, settings: {} },
  ],
  edges: [
    edge('input', 'text', 'retrieve', 'text'),
    edge('input', 'messages', 'model', 'messages'),
    edge('retrieve', 'passages', 'model', 'passages'),
    edge('model', 'text', 'output', 'text'),
  ],
};

export const flow: Flow = {
  name: 'docs',
  description: '',
  revision: 3,
  publishedAlias: null,
  createdAt: '2026-11-21T04:00:00Z',
  updatedAt: '2026-11-21T04:00:00Z',
  graph: templateGraph,
};

export const passage = { documentId: 'd1', documentName: 'Gateway/README.md', start: 7, end: 26, text: 'one door, well kept' };

export function run(over: Partial<Run> = {}): Run {
  return {
    id: 'r1',
    flow: 'docs',
    revision: 3,
    state: 'queued',
    input: { text: 'What is it?' },
    output: null,
    error: null,
    usage: { promptTokens: 0, completionTokens: 0 },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    createdAt: '2026-11-21T04:00:00Z',
    startedAt: null,
    finishedAt: null,
    steps: templateGraph.nodes.map(({ id, type }) => ({ node: id, type, state: 'pending', attempt: 0, startedAt: null, finishedAt: null, output: null, error: null, truncated: false })),
    ...over,
  };
}

/** The finished run as the list of runs has it. */
export function finishedRunSummary(): RunSummary {
  const { input: _input, output: _output, steps: _steps, ...rest } = finishedRun();
  return { ...rest, title: 'What is it?' };
}

export function finishedRun(): Run {
  const at = (second: number) => `2026-11-21T04:00:0${second}Z`;
  return run({
    state: 'succeeded',
    startedAt: at(0),
    finishedAt: at(4),
    output: { text: 'It has one door [1].', passages: [passage] },
    usage: { promptTokens: 120, completionTokens: 9 },
    steps: templateGraph.nodes.map(({ id, type }, index) => ({
      node: id,
      type,
      state: 'succeeded',
      attempt: index === 2 ? 2 : 1,
      startedAt: at(index),
      finishedAt: at(index + 1),
      output: type === 'retrieve' ? { passages: [passage] } : { text: 'x' },
      error: null,
      truncated: false,
    })),
  });
}
