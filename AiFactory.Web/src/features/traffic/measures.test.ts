import { expect, test } from 'vitest';
import { remember } from '../../api/traffic';
import { look, traffic } from '../../testing/traffic';
import { formatRate, formatSeconds, formatShare } from './formats';
import { measure, newestOf, percentile } from './measures';

test('a rate is what came between two looks, by the time between them', () => {
  const looks = [look(100, [traffic(10)]), look(104, [traffic(14)]), look(110, [traffic(40)])];
  expect(measure(looks, 10)).toMatchObject({ requests: 3, promptTokens: 27, completionTokens: 6, errors: 0, errorShare: 0 });
  expect(measure(looks, 6).requests).toBeCloseTo(26 / 6);
  expect(measure(looks, 10, 1).requests).toBe(1);
  expect(measure(looks, null)).toMatchObject({ requests: 40 / 110, completionTokens: 80 / 110 });
});

test('one look alone is no rate, and still says what is under way', () => {
  const waits = traffic(1000, { queued: 2, waiting: 1, replicas: [{ ...traffic(0).replicas[0]!, underWay: 4 }] });
  expect(measure([look(100, [waits])], 60)).toMatchObject({ requests: 0, errorShare: null, firstTokenP50: null, underWay: 4, waiting: 3 });
});

test('failures and answers that came too late are errors; what was refused and who left are none', () => {
  const before = look(100, [traffic(0)]);
  const after = look(110, [traffic(0, { requests: { answered: 5, refused: 2, clientLeft: 1, deadline: 1, failed: 1 }, turnedAway: 5, cache: { asked: 4, hits: 1 } })]);
  expect(measure([before, after], 10)).toMatchObject({ requests: 1, errors: 0.2, errorShare: 0.2, refused: 0.2, clientLeft: 0.1, turnedAway: 0.5, cacheShare: 0.25 });
});

test('gateways are added, each by its own looks, and one that is silent or began anew is not', () => {
  const looks = [look(100, [traffic(0)], 'one'), look(101, [traffic(500)], 'two'), look(110, [traffic(10)], 'one'), look(111, [traffic(520)], 'two')];
  expect(measure(looks, 10).requests).toBe(3);
  expect(newestOf(looks).map(({ gateway }) => gateway.id)).toEqual(['two', 'one']);
  expect(measure([...looks, look(130, [traffic(30)], 'one')], 10).requests).toBe(1);
  expect(measure([look(100, [traffic(900)], 'one'), look(102, [traffic(3)], 'anew')], 10).requests).toBe(0);
});

test('a deployment is measured alone, also one that came later', () => {
  const other = (requests: number) => traffic(requests, { id: 'd2', name: 'other' });
  const looks = [look(100, [traffic(10)]), look(110, [traffic(10), other(20)])];
  expect(measure(looks, 10, 1, 'd1').requests).toBe(0);
  expect(measure(looks, 10, 1, 'd2').requests).toBe(2);
  expect(measure(looks, 10).requests).toBe(2);
});

test('a percentile lies in its part, and there is none of nothing', () => {
  const bounds = [1, 2, 4, 8];
  expect(percentile([0, 0, 10], bounds, 0.5)).toBe(3);
  expect(percentile([50, 40, 10], bounds, 0.5)).toBe(1);
  expect(percentile([50, 40, 10], bounds, 0.95)).toBe(3);
  expect(percentile([0, 0], bounds, 0.5)).toBeNull();
  const looks = [look(100, [traffic(0, { firstToken: [0, 4] })]), look(110, [traffic(0, { firstToken: [0, 4, 0, 2] })])];
  expect(measure(looks, 10).firstTokenP50).toBeCloseTo(0.55);
});

test('times that another gateway counts in other parts are left out, and all else of it counts', () => {
  const older = (second: number, requests: number) => ({ ...look(second, [traffic(requests, { whole: [0, 0, 0, requests] })], 'older'), latencyBounds: [1, 2, 4, 8] });
  const looks = [older(99, 0), look(100, [traffic(0, { whole: [] })]), older(109, 30), look(110, [traffic(10, { whole: [0, 10] })])];
  expect(measure(looks, 10).requests).toBe(4);
  expect(measure(looks, 10).wholeP95).toBeLessThan(0.01);
});

test('looks of the last five minutes are kept', () => {
  let looks = [look(0, [])];
  for (let second = 2; second <= 400; second += 2) {
    looks = remember(looks, look(second, []));
  }
  expect(looks[0]!.gateway.uptimeSeconds).toBe(102);
  expect(looks).toHaveLength(150);
});

test('figures are as long as they are exact', () => {
  expect([0, 0.001, 0.25, 4.26, 1234.5].map(formatRate)).toEqual(['0', '< 0.01', '0.25', '4.3', '1,235']);
  expect([0.0004, 0.00312, 0.0844, 0.843, 1.26, 12.7].map(formatSeconds)).toEqual(['< 1 ms', '3.1 ms', '84 ms', '840 ms', '1.3 s', '13 s']);
  expect([0, 0.001, 0.042, 0.5].map(formatShare)).toEqual(['0 %', '0.1 %', '4.2 %', '50 %']);
});
