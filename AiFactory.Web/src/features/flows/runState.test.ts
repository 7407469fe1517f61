import { expect, test } from 'vitest';
import type { RunEvent } from '../../api/builder/types';
import { finishedRun, passage, run } from '../../testing/flows';
import { startProgress, withEvent, withRun } from './runState';

let sequence = 0;
const event = (type: string, node: string | null = null, data: unknown = null): RunEvent => ({ sequence: (sequence += 1), type, node, attempt: 1, at: '2026-11-21T04:00:01Z', data });
const watch = (...events: RunEvent[]) => events.reduce(withEvent, startProgress(run()));

test('steps light up as the events say', () => {
  const progress = watch(event('run.started'), event('step.started', 'retrieve'), event('step.finished', 'retrieve', { output: { passages: [passage] } }), event('step.started', 'model'));
  expect(progress.state).toBe('running');
  expect(progress.steps.retrieve?.state).toBe('succeeded');
  expect(progress.steps.model?.state).toBe('running');
  expect(progress.steps.output?.state).toBe('pending');
  expect(progress.passages).toEqual([passage]);
});

test('text streams in, and a piece that comes twice is said once', () => {
  const progress = watch(
    event('step.delta', 'model', { text: 'One ', offset: 0, answer: true }),
    event('step.delta', 'model', { text: 'door', offset: 4, answer: true }),
    event('step.delta', 'model', { text: 'door.', offset: 4, answer: true }),
  );
  expect(progress.text).toBe('One door.');
});

test('what a model says on the way is not the answer', () => {
  const progress = watch(event('step.delta', 'rewrite', { text: 'a query', offset: 0, answer: false }), event('step.delta', 'model', { text: 'Yes', offset: 0, answer: true }));
  expect(progress.text).toBe('Yes');
  expect(progress.steps.rewrite?.text).toBe('a query');
});

test('a failed attempt shows why, and the next one begins anew', () => {
  const failed = watch(event('step.delta', 'model', { text: 'Half', offset: 0 }), event('step.retried', 'model', { error: 'It took too long.', delaySeconds: 1 }));
  expect(failed.steps.model).toMatchObject({ state: 'ready', error: 'It took too long.' });
  const again = withEvent(failed, { ...event('step.started', 'model'), attempt: 2 });
  expect(again.steps.model).toMatchObject({ state: 'running', attempt: 2, error: null, text: '' });
});

test('a step that has begun runs says how far they are, and what goes on behind them is no new attempt', () => {
  const progress = watch(event('step.started', 'each'), event('step.progress', 'each', { total: 10, done: 0, failed: 0 }), event('step.progress', 'each', { total: 10, done: 3, failed: 1 }));
  expect(progress.steps.each).toMatchObject({ state: 'running', children: { total: 10, done: 3, failed: 1 } });
  const behind = withEvent(progress, { ...event('step.started', 'each'), at: '2026-11-21T04:09:00Z' });
  expect(behind.steps.each).toMatchObject({ startedAt: '2026-11-21T04:00:01Z', children: { done: 3 } });
  const failed = watch(event('step.started', 'each'), event('step.failed', 'each', { error: 'It rained.' }), event('step.progress', 'each', { total: 10, done: 4, failed: 2 }));
  expect(failed.steps.each).toMatchObject({ state: 'failed', error: 'It rained.', children: { done: 4 } });
});

test("the run's own record has the last word", () => {
  const progress = withRun(watch(event('step.started', 'model')), finishedRun());
  expect(progress.state).toBe('succeeded');
  expect(progress.steps.model?.state).toBe('succeeded');
  expect(progress.output).toEqual({ text: 'It has one door [1].', passages: [passage] });
});
