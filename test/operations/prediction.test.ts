import { expect, test } from 'vitest';
import type { Layout } from '../../src/circuit/layout.js';
import type { OutputPort } from '../../src/circuit/port.js';
import { type Classified, compare, predict } from '../../src/operations/prediction.js';

const layout: Layout = {
  digits: [{ axis: 'channel', extent: 3, slotStride: 1, ciphertextStride: 0 }],
  gaps: 'zero',
};
const encoding = { kind: 'scores', classes: ['airplane', 'automobile', 'bird'] } as const;
const output: OutputPort = { encoding, layout, registers: ['y'], level: 0, scale: 1 };
const classified = (values: number[]) => predict('a.png', { values }, output) as Classified;

test('the class is the one with the largest score, negative scores included', () => {
  expect(classified([-3, -1, -2])).toMatchObject({ class: 'automobile', index: 1 });
});

test('precision is measured against the circuit, the largest error against the plain network', () => {
  const compared = compare(classified([8, 0, 0]), [8, 0, 0], [7, 0, 1], [8.25, 0.25, -0.25]);
  expect(compared.maxError).toBe(1);
  expect(compared.precisionBits).toBeCloseTo(Math.log2(8.25 / 0.25), 12);
});

test('a run without any error has no finite precision', () => {
  expect(compare(classified([1, 2, 3]), [1, 2, 3], [1, 2, 3], [1, 2, 3]).precisionBits).toBeNull();
});

test('a picture is told by its pixels, not by the numbers that the network gives', () => {
  const picture: OutputPort = {
    ...output,
    encoding: { kind: 'picture', mean: [0.5, 0.5, 0], deviation: [0.25, 1, 1] },
  };
  expect(predict('a.png', { values: [2, -0.5, 0.75] }, picture)).toEqual({
    input: 'a.png',
    shape: [3, 1, 1],
    values: [1, 0, 0.75],
  });
});

test('a refused image has an error in place of a class: which picture, what happened, what to do', () => {
  const alone = predict('a.png', { refusal: { cause: 'noise', images: 1 } }, output);
  expect(alone).toEqual({ input: 'a.png', error: { code: 'ERR_RANGE', message: expect.any(String) } });
  expect(alone.error?.message).toMatch(
    /^a\.png: the network's numbers left their range .* would be noise; give a picture/,
  );
  expect(alone.error?.message).not.toContain('one picture at a time');
  const shared = predict('a.png', { refusal: { cause: 'noise', images: 4 } }, output);
  expect(shared.error?.message).toMatch(/any of the 4 pictures that share a ciphertext: give one picture at a time$/);
  const own = predict('a.png', { refusal: { cause: 'scores', images: 4 } }, output);
  expect(own.error?.message).not.toContain('one picture at a time');
});
