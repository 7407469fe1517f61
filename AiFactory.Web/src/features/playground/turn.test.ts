import { expect, test } from 'vitest';
import { cosineSimilarity } from './similarity';
import { conversation, newTurn, timeToFirstToken, tokensPerSecond, withText } from './turn';

test('speed counts the tokens after the first over the time after the first', () => {
  let turn = newTurn(1, 'q', 1_000);
  expect(tokensPerSecond(turn)).toBeNull();
  turn = withText(turn, 'a', 1_400);
  expect(timeToFirstToken(turn)).toBe(400);
  expect(tokensPerSecond(turn)).toBeNull();
  turn = withText(withText(turn, 'b', 1_450), 'c', 1_500);
  expect(tokensPerSecond(turn)).toBe(20);
  expect(tokensPerSecond({ ...turn, usage: { promptTokens: 5, completionTokens: 11 } })).toBe(100);
});

test('the model is told the system prompt and the turns that were answered', () => {
  const answered = withText(newTurn(1, 'first', 0), 'yes', 1);
  const failed = newTurn(2, 'second', 2);
  expect(conversation(' be brief ', [answered, failed], 'third')).toEqual([
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'first' },
    { role: 'assistant', content: 'yes' },
    { role: 'user', content: 'third' },
  ]);
});

test('similarity is the cosine of the angle', () => {
  expect(cosineSimilarity([1, 0], [2, 0])).toBe(1);
  expect(cosineSimilarity([1, 0], [0, 3])).toBe(0);
  expect(cosineSimilarity([3, 4], [4, 3])).toBeCloseTo(0.96, 12);
  expect(cosineSimilarity([0, 0], [1, 1])).toBe(0);
});
