import { expect, test } from 'vitest';
import { elementCount, tensor } from '../../src/tensor/tensor.js';

test('a tensor without data is zero and as long as its shape says', () => {
  expect(tensor([2, 3, 4]).data).toEqual(new Float64Array(24));
  expect(elementCount([])).toBe(1);
});

test('data of another length than the shape is refused', () => {
  expect(() => tensor([2, 2], new Float64Array(5))).toThrow(
    new RangeError('tensor of shape [2, 2] needs 4 values, found 5'),
  );
});
