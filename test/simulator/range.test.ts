import { expect, test } from 'vitest';
import { chebyshevFit } from '../../src/chebyshev.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import type { Parameters } from '../../src/scheme/parameters.js';
import { ckksParameters, openFheParameters } from '../support/parameters.js';

async function ciphertextOf(parameters: Parameters, value: number, level: number, scale: number) {
  const engine = openSimulator(parameters);
  const { client, evaluator } = engine.openWithoutKeys();
  const payload = await client.encrypt({ real: new Float64Array(engine.slots).fill(value) }, level, scale);
  return { evaluator, ciphertext: await evaluator.readCiphertext(payload) };
}

const relu = {
  kind: 'polynomial',
  name: 'stem.activation',
  source: 'x',
  target: 'y',
  level: 8,
  outputScale: 2 ** 52,
  polynomial: chebyshevFit((x) => Math.max(0, x), 27, 1),
  levels: 5,
} as const;

test('a value outside the interval of a polynomial is an error that names the layer and the value', async () => {
  const parameters = openFheParameters('params_test_bootstrap');
  const inside = await ciphertextOf(parameters, -1, 8, 2 ** 52);
  await expect(inside.evaluator.polynomial(inside.ciphertext, relu)).resolves.toMatchObject({ level: 3 });
  const outside = await ciphertextOf(parameters, 1.25, 8, 2 ** 52);
  const error = expect(outside.evaluator.polynomial(outside.ciphertext, relu)).rejects;
  await error.toMatchObject({
    code: 'ERR_RANGE',
    message: expect.stringMatching(/stem\.activation.*\[-1, 1\].*1\.25/),
  });
});

test('a value outside the bound of a bootstrap is an error', async () => {
  const { evaluator, ciphertext } = await ciphertextOf(openFheParameters('params_test_bootstrap'), -3, 1, 2 ** 52);
  await expect(evaluator.bootstrap(ciphertext, 4)).resolves.toMatchObject({ level: 8 });
  await expect(evaluator.bootstrap(ciphertext, 2)).rejects.toMatchObject({ code: 'ERR_RANGE' });
});

test('a value that the modulus cannot hold at its scale is an error', async () => {
  const parameters = ckksParameters('params_test');
  const firstPrimeBits = parameters.moduliBits[0]!;
  const fits = await ciphertextOf(parameters, 3, 1, 2 ** (firstPrimeBits - 3));
  await expect(fits.evaluator.dropToLevel(fits.ciphertext, 0)).resolves.toMatchObject({ level: 0 });
  const overflows = await ciphertextOf(parameters, 5, 1, 2 ** (firstPrimeBits - 3));
  await expect(overflows.evaluator.dropToLevel(overflows.ciphertext, 0)).rejects.toMatchObject({ code: 'ERR_RANGE' });
});
