import { expect, test } from 'vitest';
import { curlCommand, shellQuote } from './curl';
import { formatAgo, formatBytes, formatCount, shortDigest } from './format';

test('sizes are spoken of in binary units', () => {
  expect([0, 1023, 1536, 5_904_128, 8_541_000_000].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.6 MiB', '8.0 GiB']);
});

test('parameters are spoken of in millions and billions', () => {
  expect([512, 5_243_904, 8_030_261_248, 405e9].map(formatCount)).toEqual(['512', '5.2M', '8B', '405B']);
});

test('times are relative, and dates when they are far away', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(formatAgo('2026-11-21T11:59:58Z', now)).toBe('just now');
  expect(formatAgo('2026-11-21T11:57:00Z', now)).toBe('3 min. ago');
  expect(formatAgo('2026-09-01T12:00:00Z', now)).toContain('2026');
});

test('a digest keeps its algorithm and its first twelve characters', () => {
  expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('sha256:abababababab');
});

test('a quote in a prompt does not end the quotes of the shell', () => {
  expect(shellQuote("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  expect(curlCommand('http://h/v1', { a: 1 }, true)).toContain('curl -N http://h/v1 \\\n  -H "Authorization: Bearer $AIFACTORY_KEY"');
});
