import { expect, test } from 'vitest';
import { partialSumBytes } from '../../src/engine/ckks/memory.js';

test('partial sums get what a budget leaves, within the bounds that make sense', () => {
  const preferred = partialSumBytes(undefined);
  expect(partialSumBytes(16e9)).toBe(preferred);
  expect(partialSumBytes(800e6)).toBeLessThan(preferred);
  expect(partialSumBytes(800e6)).toBeLessThan(partialSumBytes(900e6));
  expect(partialSumBytes(900e6) - partialSumBytes(800e6)).toBe(100e6);
});

test('a budget below what the process itself takes still leaves room for one partial sum at the top level', () => {
  // 38 rows of 2^16 residues, two polynomials.
  const onePartialSum = 38 * 2 ** 16 * 8 * 2;
  expect(partialSumBytes(1e6)).toBeGreaterThanOrEqual(onePartialSum);
});
