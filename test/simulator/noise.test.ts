import { expect, test } from 'vitest';
import { openSimulator, type SimulatorOptions } from '../../src/engine/simulator/simulator.js';
import { roundingDeviation } from '../../src/scheme/noise.js';
import { ckksParameters } from '../support/parameters.js';

const parameters = ckksParameters('params_test');

/** Deviation of what a plaintext product by 1 adds to zeros. */
async function measuredDeviation(options: SimulatorOptions, scale: number): Promise<number> {
  const product = await addedNoise(options, scale);
  return Math.sqrt(product.reduce((sum, value) => sum + value * value, 0) / product.length);
}

async function addedNoise(options: SimulatorOptions, scale: number): Promise<Float64Array> {
  const { client, evaluator } = openSimulator(parameters, options).openWithoutKeys();
  const slots = parameters.ringDimension / 2;
  const input = await evaluator.readCiphertext(await client.encrypt({ real: new Float64Array(slots) }, 1, scale));
  const output = await evaluator.multiplyPlain(input, { real: new Float64Array(slots).fill(1) });
  return (await client.decrypt(await evaluator.writeCiphertext(output, { result: false }))).real;
}

test('without noise a rescale is exact', async () => {
  expect(await measuredDeviation({}, 2 ** 24)).toBe(0);
});

test('without bootstraps a stated precision is what a rescale leaves', async () => {
  expect(await measuredDeviation({ noise: { precisionBits: 2 } }, 2 ** 24)).toBeCloseTo(0.25, 1);
});

test('predicted noise follows the ring and the scale', async () => {
  // sqrt(N / 2 * (1 + 2 N / 3) / 12) at N = 2^12: 2^9.4; at N = 2^16: 2^13.4.
  expect(Math.log2(roundingDeviation(2 ** 16, 'uniform-ternary'))).toBeCloseTo(13.4, 1);
  for (const bits of [20, 30]) {
    expect(Math.log2(await measuredDeviation({ noise: 'predicted' }, 2 ** bits))).toBeCloseTo(9.4 - bits, 0);
  }
});

test('the seed decides the noise', async () => {
  const runs = await Promise.all([7, 7, 8].map((seed) => addedNoise({ noise: { precisionBits: 0 }, seed }, 2 ** 24)));
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]).not.toEqual(runs[2]);
});
