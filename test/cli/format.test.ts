import { expect, test } from 'vitest';
import { formatBytes, formatDuration, formatTable } from '../../src/cli/format.js';

test.each([
  [0.84, '0.8 s'],
  [42.3, '42 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [512, '512 B'],
  [8_600_000, '8.6 MB'],
  [1_200_000_000, '1.20 GB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('columns are as wide as their widest cell and end without spaces', () => {
  expect(
    formatTable(
      [
        ['a', '1'],
        ['long', '22'],
      ],
      new Set([1]),
    ),
  ).toBe('a      1\nlong  22');
});
