import { describe, expect, test } from 'vitest';
import { chebyshevFit } from '../../../src/chebyshev.js';
import { forward } from '../../../src/network/forward.js';
import type { Parameters } from '../../../src/scheme/parameters.js';
import { bootstraps } from '../../support/parameters.js';
import { randomImage } from '../../support/random-network.js';
import { scoresThrough } from '../../support/run-steps.js';
import { chebyshevSum, expectClose, magnitude, referenceLinear, rotated } from './reference.js';
import { type ContractSetting, circuitPadding, contractNetwork } from './setting.js';

/** What an engine must compute: every operation against its definition, and whole networks. */
export function describeOperations(setting: ContractSetting): void {
  describe('operations', () => {
    test('encryption and decryption are inverse, at the level and scale asked for', async () => {
      const values = setting.random(2);
      const ciphertext = await setting.encrypt({ real: values }, 2, setting.productScale());
      expect(ciphertext.level).toBe(2);
      expect(ciphertext.bytes).toBeGreaterThan(0);
      const decrypted = await setting.decrypt(ciphertext);
      expectClose(decrypted.real, values, setting.tolerance);
    });

    test('values in the imaginary part come back', async (context) => {
      context.skip(!setting.parameters().imaginaryImages, 'the engine keeps nothing in the imaginary part');
      const values = { real: setting.random(3), imaginary: setting.random(4) };
      const decrypted = await setting.decrypt(await setting.encrypt(values, 1, setting.productScale()));
      expectClose(decrypted.real, values.real, setting.tolerance);
      expectClose(decrypted.imaginary!, values.imaginary, setting.tolerance);
    });

    test('sum', async () => {
      const [left, right] = [setting.random(5), setting.random(6)];
      const sum = await setting.evaluator.add(
        await setting.encrypt({ real: left }, 2, setting.productScale()),
        await setting.encrypt({ real: right }, 2, setting.productScale()),
      );
      expectClose(
        (await setting.decrypt(sum)).real,
        left.map((value, slot) => value + right[slot]!),
        2 * setting.tolerance,
      );
    });

    test('square', async () => {
      const values = setting.random(7);
      const { activationScale } = setting.parameters();
      const square = await setting.evaluator.square(await setting.encrypt({ real: values }, 2, activationScale), false);
      expectClose(
        (await setting.decrypt(square)).real,
        values.map((value) => value * value),
        2 * setting.tolerance,
      );
    });

    test('component-wise square, after a linear step that carries the conjugate', async (context) => {
      context.skip(!setting.parameters().imaginaryImages, 'the engine keeps nothing in the imaginary part');
      const { step, inputs } = setting.stepCase(setting.circuits.at(-1)!, 'stage1.block1.conv1');
      const { register, outputs } = await setting.runLinear(step, inputs);
      const square = await setting.decrypt(await setting.evaluator.square(register, true));
      for (const part of ['real', 'imaginary'] as const) {
        expectClose(
          square[part]!,
          outputs[part]!.map((value) => value * value),
          4 * setting.tolerance * (1 + magnitude(outputs[part]!)),
        );
      }
      await setting.evaluator.enterStage('contract', setting.contractKeys());
    });

    test('plaintext product takes one level and keeps the scale', async () => {
      const [values, factors] = [setting.random(8), setting.random(9)];
      const input = await setting.encrypt({ real: values }, 2, setting.productScale());
      const product = await setting.evaluator.multiplyPlain(input, { real: factors });
      expect(product.level).toBe(1);
      expect(product.scale / input.scale).toBeCloseTo(1, 6);
      expectClose(
        (await setting.decrypt(product)).real,
        values.map((value, slot) => value * factors[slot]!),
        2 * setting.tolerance,
      );
    });

    test.each([1, 5, 300, -1, -64, 0])('rotation by %i', async (step) => {
      const values = setting.random(10);
      const output = await setting.evaluator.rotate(
        await setting.encrypt({ real: values }, 2, setting.productScale()),
        step,
      );
      expectClose((await setting.decrypt(output)).real, rotated(values, step), setting.tolerance);
    });

    test('a lower level holds the same values', async () => {
      const values = setting.random(11);
      const dropped = await setting.evaluator.dropToLevel(
        await setting.encrypt({ real: values }, 3, setting.productScale()),
        1,
      );
      expect(dropped.level).toBe(1);
      expectClose((await setting.decrypt(dropped)).real, values, setting.tolerance);
    });

    describe('linear maps', () => {
      test.each([
        ['stem', 'the stem'],
        ['stage1.block1.conv1', 'a convolution'],
        ['stage1.block1.conv2', 'a convolution with an identity shortcut'],
        ['stage2.block1.conv1', 'a strided convolution'],
        ['stage2.block1.conv2', 'a convolution with a strided shortcut'],
        ['linear', 'pooling and the fully connected layer, with folds'],
      ])('%s: %s', async (stepName) => {
        for (const circuit of setting.circuits) {
          const { step, inputs } = setting.stepCase(circuit, stepName);
          const { register, outputs } = await setting.runLinear(step, inputs);
          expect(register.level).toBe(step.level - 1);
          const decrypted = await setting.decrypt(register);
          expectClose(decrypted.real, outputs.real, 4 * setting.tolerance * (1 + magnitude(outputs.real)));
          if (outputs.imaginary !== undefined) {
            expectClose(
              decrypted.imaginary!,
              outputs.imaginary,
              4 * setting.tolerance * (1 + magnitude(outputs.imaginary)),
            );
          }
        }
        await setting.evaluator.enterStage('contract', setting.contractKeys());
      });

      test('a step may be applied again', async () => {
        const { step, inputs } = setting.stepCase(setting.circuits[0]!, 'stage1.block1.conv1');
        const stage = setting.circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
        await setting.evaluator.enterStage(stage.name, stage.keys);
        for (const seed of [40, 41]) {
          const values = { ...inputs[0]!, real: setting.random(seed) };
          const [register] = await setting.evaluator.linear(step, [
            await setting.encrypt(values, step.level, setting.productScale()),
          ]);
          const expected = referenceLinear(step, [values]).real;
          expectClose(
            (await setting.decrypt(register!)).real,
            expected,
            4 * setting.tolerance * (1 + magnitude(expected)),
          );
        }
        await setting.evaluator.enterStage('contract', setting.contractKeys());
      });
    });

    test('Chebyshev polynomial', async (context) => {
      const { bootstrap, activationScale } = setting.parameters();
      if (bootstrap === undefined && setting.subject.engine.name === 'openfhe') {
        return context.skip('a leveled OpenFHE profile has keys for the stage it is in: level 3');
      }
      const polynomial = chebyshevFit((x) => Math.max(0, x), 27, 1);
      const values = setting.random(12);
      const level = bootstrap === undefined ? 6 : 7;
      const input = await setting.encrypt({ real: values }, level, activationScale);
      const output = await setting.evaluator.polynomial(input, {
        kind: 'polynomial',
        name: 'relu',
        source: 'x',
        target: 'y',
        level,
        outputScale: activationScale,
        polynomial,
        levels: 5,
      });
      expect(output.level).toBeGreaterThanOrEqual(level - 5);
      const expected = values.map((x) => chebyshevSum(polynomial.coefficients, x));
      expectClose((await setting.decrypt(output)).real, expected, 20 * setting.tolerance);
    });

    test('a bootstrap brings the levels back', async (context) => {
      const { bootstrap, activationScale } = setting.parameters();
      if (bootstrap === undefined) {
        return context.skip('the profile is leveled: no bootstrap');
      }
      const values = setting.random(13);
      const output = await setting.evaluator.bootstrap(await setting.encrypt({ real: values }, 1, activationScale), 1);
      expect(output.level).toBe(bootstrap.level);
      expectClose((await setting.decrypt(output)).real, values, Math.max(2 ** -7, 20 * setting.tolerance));
    });

    test('a whole network: scores as the plain forward pass, from the result ring too', async () => {
      for (const circuit of setting.circuits) {
        const network = contractNetwork(setting.subject.parameters, circuitPadding(circuit));
        const count = circuit.packing.positions * (circuit.packing.imaginary ? 2 : 1);
        const images = Array.from({ length: count }, (_, index) => randomImage(network, 50 + index));
        for (const result of [true, false]) {
          const scores = await scoresThrough(
            { client: setting.client, evaluator: setting.evaluator },
            circuit,
            images,
            result,
          );
          for (const [index, image] of images.entries()) {
            expectClose(
              scores[index]!,
              forward(network, image),
              networkTolerance(setting.subject.parameters, setting.tolerance),
            );
          }
        }
      }
      await setting.evaluator.enterStage('contract', setting.contractKeys());
    }, 600_000);
  });
}

/** Errors of single steps add up over a network; a ReLU's polynomial errs by itself. */
function networkTolerance(parameters: Parameters, tolerance: number): number {
  return bootstraps(parameters) ? 0.5 : 100 * tolerance;
}
