import { expect, test } from 'vitest';
import { formatDuration, formatTable } from '../../src/cli/format.js';

test.each([
  [0.84, '0.8 s'],
  [42.3, '42 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
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
