import { expect, test } from 'vitest';
import { normalise } from '../../src/image/normalise.js';
import { tensor } from '../../src/tensor/tensor.js';

test('each channel has its mean and deviation, of pixels divided by 255', () => {
  const pixels = tensor([2, 1, 2], Float64Array.of(0, 255, 51, 102));
  const result = normalise(pixels, { mean: [0.5, 0.2], deviation: [0.25, 0.1] });
  expect(result.shape).toEqual([2, 1, 2]);
  expect([...result.data].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([-2, 2, 0, 2]);
});

test('constants for another number of channels are refused', () => {
  expect(() => normalise(tensor([2, 1, 1]), { mean: [0], deviation: [1, 1] })).toThrow(RangeError);
});
