import { expect, test } from 'vitest';
import { resizeToSquare } from '../../src/image/resize.js';
import { tensor } from '../../src/tensor/tensor.js';

test('whole blocks are averaged, channel by channel', () => {
  const pixels = tensor([2, 2, 2], Float64Array.of(0, 4, 8, 12, 100, 100, 200, 200));
  expect(resizeToSquare(pixels, 1)).toEqual(tensor([2, 1, 1], Float64Array.of(6, 150)));
});

test('partly covered pixels count by their share', () => {
  const pixels = tensor([1, 3, 3], Float64Array.of(0, 30, 60, 0, 30, 60, 0, 30, 60));
  // Each half covers one pixel and a half of another: (0 + 30 / 2) / 1.5 and (30 / 2 + 60) / 1.5.
  const row = [10, 50];
  expect([...resizeToSquare(pixels, 2).data].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([...row, ...row]);
});

test('the middle square of a wide and of a tall picture is kept', () => {
  expect(resizeToSquare(tensor([1, 1, 5], Float64Array.of(1, 2, 3, 4, 5)), 1).data).toEqual(Float64Array.of(3));
  expect(resizeToSquare(tensor([1, 4, 1], Float64Array.of(1, 2, 3, 4)), 1).data).toEqual(Float64Array.of(2));
});

test('a smaller picture is enlarged', () => {
  const enlarged = resizeToSquare(tensor([1, 2, 2], Float64Array.of(1, 2, 3, 4)), 4);
  expect(enlarged.data).toEqual(Float64Array.of(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
});
