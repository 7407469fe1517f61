import { expect, test } from 'vitest';
import { highlight, queryWords } from './highlight';
import { citedPieces, outputText, passagesIn } from './passages';

const passage = { documentId: 'd', documentName: 'a.md', start: 0, end: 3, text: 'abc' };

test('a citation is a number that a passage has', () => {
  expect(citedPieces('Yes [1], no [7].', 2)).toEqual([
    { text: 'Yes ', number: null },
    { text: '[1]', number: 1 },
    { text: ', no [7].', number: null },
  ]);
  expect(citedPieces('plain', 0)).toEqual([{ text: 'plain', number: null }]);
});

test('passages are found wherever an output has them', () => {
  expect(passagesIn({ text: 'x', passages: [passage] })).toEqual([passage]);
  expect(passagesIn([passage])).toEqual([passage]);
  expect(passagesIn({ sources: [passage] })).toEqual([passage]);
  expect(passagesIn({ passages: 'none', list: [1] })).toEqual([]);
  expect(passagesIn(null)).toEqual([]);
});

test('an output is shown by its text', () => {
  expect(outputText({ text: 'hello', passages: [] })).toBe('hello');
  expect(outputText({ json: { a: 1 } })).toBeNull();
});

test('the words of a question are found in their other forms, and only as words', () => {
  expect(queryWords('What does the gateway meter?')).toEqual(['gateway', 'meter']);
  const marked = highlight('Gateways are metered, read by reading; a portable port.', 'gateway metering reading ports')
    .filter((piece) => piece.marked)
    .map(({ text }) => text);
  expect(marked).toEqual(['Gateways', 'metered', 'read', 'reading', 'port']);
});

test('the pieces together are the text', () => {
  const text = 'Größe zählt: größer als groß.';
  expect(highlight(text, 'größe').map((piece) => piece.text).join('')).toBe(text);
  expect(highlight(text, 'the')).toEqual([{ text, marked: false }]);
});
