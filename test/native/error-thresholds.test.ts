import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

/** Fixed-point numbers with so many bits after the point. */
const bits = 300n;
const one = 1n << bits;

/** exp(-numerator / denominator) in fixed point, off by less than 2^-280. */
function exponential(numerator: bigint, denominator: bigint): bigint {
  // exp(-x) = exp(-x / 2^8)^(2^8): the series of a number below 1/8 ends soon.
  const x = (numerator << bits) / (denominator << 8n);
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (-term * x) / (n << bits);
    sum += term;
  }
  let power = sum;
  for (let i = 0; i < 8; i++) {
    power = (power * power) >> bits;
  }
  return power;
}

test('the committed thresholds of the error sampler are those of the discrete Gaussian of deviation 3.19', async () => {
  const source = await readFile(new URL('../../native/ckks/scheme/sampler.cpp', import.meta.url), 'utf8');
  const table = /kErrorThresholds = \{([^}]*)\}/.exec(source)?.[1];
  const committed = table?.match(/\d+/g)?.map(BigInt);
  const tail = 20;
  expect(committed).toHaveLength(tail);

  // exp(-k^2 / (2 sigma^2)), sigma^2 = 319^2 / 100^2, for both signs.
  const weights = Array.from({ length: tail + 1 }, (_, k) => {
    const weight = exponential(BigInt(k * k) * 10_000n, 2n * 319n * 319n);
    return k === 0 ? weight : 2n * weight;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const scaled = Array.from({ length: tail }, (_, k) => {
    const above = weights.slice(k + 1).reduce((sum, weight) => sum + weight, 0n);
    // 100 bits after the point: enough to see that no error of the computation can reach the next whole number.
    return (above << 163n) / total;
  });
  const margin = 1n << 60n;
  for (const value of scaled) {
    const fraction = value & ((1n << 100n) - 1n);
    expect(fraction > margin && fraction < (1n << 100n) - margin).toBe(true);
  }
  expect(committed).toEqual(scaled.map((value) => value >> 100n));
});
