import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import { withDigits } from '../../src/planning/parameter-search.js';
import { roundingDeviation } from '../../src/scheme/noise.js';
import { type CkksParameters, maximumLevelOf } from '../../src/scheme/parameters.js';
import { digitBits } from '../../src/scheme/sizes.js';
import { temporaryFolder } from '../support/folders.js';
import { sideOf } from '../support/key-sides.js';
import { ckksParameters } from '../support/parameters.js';
import { seededRandom } from '../support/random.js';

const base = ckksParameters('params_test');
const scaleBits = base.inputScaleBits;
const errorDeviation = 3.19;

/** Standard deviation of a slot's real part, times the scale, after the rotation of a fresh ciphertext. */
function predictedDeviation(parameters: CkksParameters, level: number): number {
  const { ringDimension: n, specialPrimes, specialPrimeBits } = parameters;
  const specials = specialPrimes[level]! * specialPrimeBits;
  // Of a coefficient: each digit is uniform below its primes' product, and meets n errors of the key.
  const products = digitBits(parameters, level).map((bits) => (n * errorDeviation ** 2 * 4 ** (bits - specials)) / 12);
  const keyProduct = products.reduce((sum, variance) => sum + variance, 0);
  return Math.hypot(Math.sqrt((n / 2) * (errorDeviation ** 2 + keyProduct)), roundingDeviation(n, base.secret));
}

describe.each([1, 2, 3, 4])('a set whose primes are divided into %i digits', (count) => {
  const parameters = withDigits(base, count);

  test('switches keys at every level with one key, and adds what the search reckoned with', async () => {
    const folder = await temporaryFolder();
    for (const side of ['secret', 'public', 'evaluation']) {
      await mkdir(join(folder, side));
    }
    const engine = await openCkksEngine(parameters);
    const keys = { rotations: [1], relinearization: false, conjugation: false, bootstrap: false };
    const stages = [{ name: 'all', keys: { ...keys, level: maximumLevelOf(parameters) } }];
    await engine.generateKeys(folder, { stages }, {});
    const client = await engine.openClient(await sideOf(folder, 'secret'));
    const evaluator = await engine.openEvaluator(await sideOf(folder, 'evaluation'), {});
    const uniform = seededRandom(7);
    // Small enough for the first prime alone.
    const values = Float64Array.from({ length: engine.slots }, () => (2 * uniform() - 1) / 2 ** 10);
    expect(parameters.digits[maximumLevelOf(parameters)]).toBe(count);
    for (let level = 0; level <= maximumLevelOf(parameters); level++) {
      const input = await evaluator.readCiphertext(await client.encrypt({ real: values }, level, 2 ** scaleBits));
      const output = await evaluator.writeCiphertext(await evaluator.rotate(input, 1), { result: false });
      const { real } = await client.decrypt(output);
      const squares = real.reduce((sum, value, slot) => sum + (value - values[(slot + 1) % values.length]!) ** 2, 0);
      const measured = Math.sqrt(squares / values.length) * 2 ** scaleBits;
      const predicted = predictedDeviation(parameters, level);
      expect(Math.abs(Math.log2(measured / predicted)), `level ${level}`).toBeLessThan(0.5);
      // What the search promises: less than a rescale to the activations' scale adds.
      const allowed = roundingDeviation(parameters.ringDimension, base.secret) * 2 ** parameters.activationScaleBits;
      expect(measured, `level ${level}`).toBeLessThan(allowed);
    }
    evaluator.dispose();
    client.dispose();
    engine.dispose();
  });
});
