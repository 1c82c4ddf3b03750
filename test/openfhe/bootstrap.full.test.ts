import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { bootstrapAutomorphisms } from '../../src/engine/openfhe/bootstrap-support.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { loadAddon } from '../../src/engine/openfhe/load-addon.js';
import { nativeParameters } from '../../src/engine/openfhe/native-parameters.js';
import { describeError } from '../support/errors.js';
import { makeKeySet, type OpenKeySet, requirements } from '../support/key-set.js';
import { seededRandom } from '../support/random.js';
import { bootstrappedParameters, describeOpenFhe } from './parameters.js';

describeOpenFhe('openfhe bootstrap rotations', () => {
  it.each([
    [2 ** 11, [2, 2]],
    [2 ** 10, [3, 3]],
    [2 ** 10, [4, 4]],
    [2 ** 9, [5, 4]],
    [2 ** 7, [2, 3]],
    [2 ** 5, [1, 2]],
  ] as const)('are those that OpenFHE makes keys for, %i slots, level budget %j', async (slots, levelBudget) => {
    const addon = loadAddon();
    const bootstrap = { levelBudget, reluDegree: 59 };
    const engine = await addon.open(nativeParameters(bootstrappedParameters({ slots, bootstrap })));
    const library = await addon.libraryBootstrapAutomorphisms(engine.handle);
    const computed = bootstrapAutomorphisms(addon, engine).map(({ automorphism }) => automorphism);
    expect(computed).toEqual([...library]);
    addon.dispose(engine.handle);
  });
});

describeOpenFhe('openfhe bootstrap', () => {
  let engine: Engine;
  let keys: OpenKeySet;
  const slots = 2 ** 10;
  const random = seededRandom(3);
  const values = Float64Array.from({ length: slots }, () => 2 * random() - 1);
  const refresh = requirements({ rotations: [1, 5], relinearization: true, bootstrap: true, level: 2 });
  const turn = requirements({ rotations: [1, 7], level: 2 });

  beforeAll(async () => {
    engine = await openOpenFheEngine(bootstrappedParameters());
    keys = await makeKeySet(engine, {
      stages: [
        { name: 'refresh', keys: refresh },
        { name: 'turn', keys: turn },
      ],
    });
  });
  afterAll(async () => {
    await keys.dispose();
    engine.dispose();
  });

  it.each([
    [1, 1],
    [2.5, 2],
  ])("refreshes values in [-%d, %d] to the profile's level", async (bound, level) => {
    await keys.evaluator.enterStage('refresh', refresh);
    const scaled = values.map((value) => bound * value);
    const input = await keys.evaluator.readCiphertext(await keys.client.encrypt({ real: scaled }, level, 2 ** 45));
    const output = await keys.evaluator.bootstrap(input, bound);
    expect(output.level).toBe(9);
    const found = (await keys.client.decrypt(await keys.evaluator.writeCiphertext(output, { result: true }))).real;
    const worst = scaled.reduce((most, value, slot) => Math.max(most, Math.abs(value - found[slot]!)), 0);
    expect(worst).toBeLessThan(0.01 * bound);
  });

  it('refuses a ciphertext without the level that it needs', async () => {
    await keys.evaluator.enterStage('refresh', refresh);
    const input = await keys.evaluator.readCiphertext(await keys.client.encrypt({ real: values }, 0, 2 ** 45));
    expect(await describeError(() => keys.evaluator.bootstrap(input, 1))).toBe(
      'ERR_LEVEL_EXHAUSTED bootstrap needs level 1, found 0',
    );
  });

  it('keeps in memory the keys of the stage that was entered, and only those', async () => {
    const input = await keys.evaluator.readCiphertext(await keys.client.encrypt({ real: values }, 2, 2 ** 45));
    await keys.evaluator.enterStage('refresh', refresh);
    await keys.evaluator.enterStage('turn', turn);
    for (const step of [1, 7]) {
      const rotated = await keys.evaluator.rotate(input, step);
      const found = (await keys.client.decrypt(await keys.evaluator.writeCiphertext(rotated, { result: false }))).real;
      expect(Math.abs(found[slots - 1]! - values[step - 1]!)).toBeLessThan(1e-6);
    }
    expect(await describeError(() => keys.evaluator.rotate(input, 5))).toMatch(/^ERR_KEY_MISSING .*rotation by 5/);
    expect(await describeError(() => keys.evaluator.bootstrap(input, 1))).toMatch(/^ERR_KEY_MISSING /);
  });

  it('stores every key once, in files that name their stages', () => {
    const rotations = keys.files.filter(({ kind }) => kind === 'rotation');
    const stagesOf = (rotation: number) => rotations.filter((file) => file.rotations?.includes(rotation));
    expect(stagesOf(1).map(({ stages }) => stages)).toEqual([['refresh', 'turn']]);
    expect(stagesOf(7).map(({ stages }) => stages)).toEqual([['turn']]);
    expect(keys.files.find(({ kind }) => kind === 'bootstrap')?.stages).toEqual(['refresh']);
  });
});
