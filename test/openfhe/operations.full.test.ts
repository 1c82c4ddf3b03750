import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluateChebyshev } from '../../src/chebyshev.js';
import type { LinearStep } from '../../src/circuit/circuit.js';
import { type Diagonals, repeat, withPeriod } from '../../src/circuit/linear-map.js';
import type { Engine } from '../../src/engine/engine.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { referenceLinear } from '../engine/contract/reference.js';
import { makeKeySet, type OpenKeySet, requirements } from '../support/key-set.js';
import { seededNormal } from '../support/random.js';
import { describeOpenFhe, leveledParameters } from './parameters.js';

const rotations = [-700, -64, -3, -1, 1, 2, 4, 8, 64, 128, 1024];
const all = requirements({ rotations, relinearization: true, level: 6 });

describeOpenFhe('openfhe operations at levels below the top', () => {
  let engine: Engine;
  let keys: OpenKeySet;
  const slots = 2 ** 11;
  const values = randomValues(slots, 1);

  beforeAll(async () => {
    engine = await openOpenFheEngine(leveledParameters());
    keys = await makeKeySet(engine, {
      stages: [{ name: 'all', keys: all }],
    });
    await keys.evaluator.enterStage('all', all);
  });
  afterAll(async () => {
    await keys.dispose();
    engine.dispose();
  });

  async function encrypted(level: number) {
    return keys.evaluator.readCiphertext(await keys.client.encrypt({ real: values }, level, 2 ** 35));
  }

  async function decrypted(ciphertext: Awaited<ReturnType<typeof encrypted>>, result = false) {
    return (await keys.client.decrypt(await keys.evaluator.writeCiphertext(ciphertext, { result }))).real;
  }

  it.each([2 ** 3, 2 ** 9, 2 ** 11])('applies a map with diagonals of period %i', async (period) => {
    const map = mapOf(period, [-701, -64, -1, 0, 1, 67, 1026]);
    const input = await encrypted(4);
    for (const level of [4, 2]) {
      const step = linearStep(map, level);
      const [output] = await keys.evaluator.linear(step, [input]);
      expect(output!.level).toBe(level - 1);
      expectClose(await decrypted(output!), referenceLinear(step, [{ real: values }]).real, 2e-4);
    }
  });

  it('adds two terms of one source and a term of a source at a higher level, then folds', async () => {
    const high = await encrypted(6);
    const low = await keys.evaluator.square(await encrypted(4), false);
    const maps = [mapOf(16, [0, 1, 2], 2), mapOf(512, [-64, 65], 3), mapOf(16, [2, 64], 4)];
    const step: LinearStep = {
      ...linearStep(maps[0]!, 3),
      outputs: [
        {
          register: 't',
          terms: maps.map((map, index) => ({ source: index === 1 ? 'low' : 'high', diagonals: withPeriod(map, 512) })),
          bias: repeat(randomValues(32, 77), 512),
        },
      ],
      folds: [128, -3],
    };
    const [output] = await keys.evaluator.linear(step, [high, low]);
    const squares = values.map((value) => value * value);
    const expected = referenceLinear(step, [{ real: values }, { real: squares }]).real;
    expectClose(await decrypted(output!), expected, 2e-3);
  });

  it('keeps the scale when a ciphertext is dropped to a lower level, so that sums stay exact', async () => {
    const dropped = await keys.evaluator.dropToLevel(await encrypted(6), 2);
    const sum = await keys.evaluator.add(dropped, await encrypted(2));
    expect(sum.level).toBe(2);
    expectClose(
      await decrypted(sum),
      values.map((value) => 2 * value),
      1e-4,
    );
  });

  it('adds a ciphertext whose rescaling waits to one that is rescaled', async () => {
    const square = await keys.evaluator.square(await encrypted(5), false);
    const sum = await keys.evaluator.add(square, await encrypted(6));
    expectClose(
      await decrypted(sum),
      values.map((value) => value * value + value),
      1e-4,
    );
  });

  it.each([1, 3])('evaluates a polynomial with bound %i and ends at the level of the step', async (bound) => {
    const coefficients = Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.05, 0.2, 0.04);
    const polynomial = { coefficients, bound };
    const step = {
      kind: 'polynomial',
      name: 'p',
      target: 't',
      source: 's',
      level: 6,
      outputScale: 1,
      levels: 5,
    } as const;
    const output = await keys.evaluator.polynomial(await encrypted(6), { ...step, polynomial });
    expect(output.level).toBe(1);
    expectClose(await decrypted(output, true), evaluateChebyshev(polynomial, values), 1e-3);
  });
});

function randomValues(count: number, seed: number): Float64Array {
  const normal = seededNormal(seed);
  return Float64Array.from({ length: count }, () => Math.max(-1, Math.min(1, 0.3 * normal())));
}

function mapOf(period: number, offsets: readonly number[], seed = 9): Diagonals {
  const diagonals = new Map(offsets.map((offset, index) => [offset, randomValues(period, seed + index)]));
  return { period, offsets, values: () => diagonals };
}

/** Giant steps in a tree: 66 goes by way of 64 (hop 2), all others to the root directly. */
function linearStep(diagonals: Diagonals, level: number): LinearStep {
  const layout = { digits: [], gaps: 'zero' } as const;
  return {
    kind: 'linear',
    name: 'step',
    slots: 2 ** 11,
    level,
    outputScale: 2 ** 35,
    outputs: [
      { register: 't', terms: [{ source: 's', diagonals }], bias: repeat(randomValues(8, 77), diagonals.period) },
    ],
    inputLayout: layout,
    outputLayout: layout,
    split: {
      babySteps: [-1, 0, 1, 2],
      giantSteps: [1024, -700, -64, 66, 64, 0],
      giantParents: [5, 5, 5, 4, 5, -1],
    },
    folds: [],
    conjugate: false,
  };
}

function expectClose(found: Float64Array, expected: Float64Array, tolerance: number): void {
  const error = expected.reduce((worst, value, slot) => Math.max(worst, Math.abs(value - found[slot]!)), 0);
  expect(error).toBeLessThan(tolerance);
}
