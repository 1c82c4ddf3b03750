import { expect, test } from 'vitest';
import { transformFactors } from '../../src/cost/openfhe/bootstrap.js';

test.each([
  [3, [63, 63, 31], [18, 18, 16]],
  [4, [31, 31, 31, 7], [16, 16, 16, 4]],
  [5, [15, 15, 15, 15, 7], [8, 8, 8, 8, 4]],
])('a transform over 2^14 slots in %i factors, as OpenFHE splits it', (budget, diagonals, rotations) => {
  const factors = transformFactors(2 ** 14, budget);
  expect(factors.map((factor) => factor.diagonals)).toEqual(diagonals);
  expect(factors.map(({ babies, hops }) => babies + hops)).toEqual(rotations);
});
