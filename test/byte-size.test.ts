import { expect, test } from 'vitest';
import { formatBytes } from '../src/byte-size.js';

test.each([
  [512, '512 B'],
  [8_600_000, '8.6 MB'],
  [1_200_000_000, '1.20 GB'],
  [4_000_000_000_000, '4.00 TB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
