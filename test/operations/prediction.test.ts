import { expect, test } from 'vitest';
import { type Classified, compare, predict } from '../../src/operations/prediction.js';

const classes = ['airplane', 'automobile', 'bird'];
const classified = (scores: number[]) => predict('a.png', { scores }, classes) as Classified;

test('the class is the one with the largest score, negative scores included', () => {
  expect(classified([-3, -1, -2])).toMatchObject({ class: 'automobile', index: 1 });
});

test('precision is measured against the circuit, the largest error against the plain network', () => {
  const compared = compare(classified([8, 0, 0]), [7, 0, 1], [8.25, 0.25, -0.25]);
  expect(compared.maxError).toBe(1);
  expect(compared.precisionBits).toBeCloseTo(Math.log2(8.25 / 0.25), 12);
});

test('a run without any error has no finite precision', () => {
  expect(compare(classified([1, 2, 3]), [1, 2, 3], [1, 2, 3]).precisionBits).toBeNull();
});

test('a refused image has an error in place of a class: which picture, what happened, what to do', () => {
  const alone = predict('a.png', { refusal: { cause: 'noise', images: 1 } }, classes);
  expect(alone).toEqual({ input: 'a.png', error: { code: 'ERR_RANGE', message: expect.any(String) } });
  expect(alone.error?.message).toMatch(
    /^a\.png: the network's numbers left their range .* would be noise; give a picture/,
  );
  expect(alone.error?.message).not.toContain('one picture at a time');
  const shared = predict('a.png', { refusal: { cause: 'noise', images: 4 } }, classes);
  expect(shared.error?.message).toMatch(/any of the 4 pictures that share a ciphertext: give one picture at a time$/);
  const own = predict('a.png', { refusal: { cause: 'scores', images: 4 } }, classes);
  expect(own.error?.message).not.toContain('one picture at a time');
});
