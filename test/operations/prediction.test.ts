import { expect, test } from 'vitest';
import { compare, predict } from '../../src/operations/prediction.js';

const classes = ['airplane', 'automobile', 'bird'];

test('the class is the one with the largest score, negative scores included', () => {
  expect(predict('a.png', [-3, -1, -2], classes)).toMatchObject({ class: 'automobile', index: 1 });
});

test('precision is measured against the circuit, the largest error against the plain network', () => {
  const compared = compare(predict('a.png', [8, 0, 0], classes), [7, 0, 1], [8.25, 0.25, -0.25]);
  expect(compared.maxError).toBe(1);
  expect(compared.precisionBits).toBeCloseTo(Math.log2(8.25 / 0.25), 12);
});

test('a run without any error has no finite precision', () => {
  expect(compare(predict('a.png', [1, 2, 3], classes), [1, 2, 3], [1, 2, 3]).precisionBits).toBeNull();
});
