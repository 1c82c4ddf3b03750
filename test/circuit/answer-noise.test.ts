import { expect, test } from 'vitest';
import { zeroSlotDeviations, zeroSlotNoise, zeroSlotsOf } from '../../src/circuit/answer-noise.js';
import type { SlotValues } from '../../src/circuit/slot-values.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { largestPacking } from '../../src/lowering/packing.js';
import { ckksParameters, searchedCircuit } from '../support/parameters.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { outputsThrough } from '../support/run-steps.js';

const parameters = ckksParameters('params_test');
const shape = {
  channels: [4, 8],
  height: 8,
  width: 8,
  blocksPerStage: 1,
  activation: 'square',
  classes: 3,
  seed: 3,
} as const;
const zeros = {
  period: 16,
  runs: [
    [3, 8],
    [11, 16],
  ],
  deviation: 1e-6,
} as const;
const allowed = zeroSlotDeviations * zeros.deviation;

test.each(['circular-width', 'zero'] as const)(
  'slots that the port calls zero are, and no others: %s',
  async (padding) => {
    const network = randomNetwork({ ...shape, padding });
    const circuit = searchedCircuit(network, parameters, largestPacking(network, parameters));
    const images = [1, 2, 3, 4].map((seed) => randomImage(network, seed));
    for (const result of [false, true]) {
      const [values] = await outputsThrough(openSimulator(parameters).openWithoutKeys(), circuit, images, result);
      const { real, imaginary } = values!;
      const found = [...real.keys()].filter((slot) => real[slot] === 0 && imaginary![slot] === 0);
      expect(zeroSlotsOf(circuit.output.zeros!, real.length)).toEqual(found);
      expect(found.length).toBeGreaterThan(real.length / 2);
    }
  },
);

test('a slot of a smaller ring is zero where all that it is the mean of are', () => {
  expect(zeroSlotsOf(zeros, 32)).toEqual(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((slot) => [slot, slot + 16]).sort((a, b) => a - b),
  );
  expect(zeroSlotsOf(zeros, 8)).toEqual([3, 4, 5, 6, 7]);
  expect(zeroSlotsOf({ ...zeros, runs: [[3, 8]] }, 8)).toEqual([]);
});

test.each(['real', 'imaginary'] as const)(
  'ten times the bound in any one zero slot of the %s part is found',
  (part) => {
    for (const disturbed of zeroSlotsOf(zeros, 32)) {
      const values = { real: new Float64Array(32), imaginary: new Float64Array(32) };
      expect(zeroSlotNoise({ zeros }, [values, values], 0)).toEqual({ found: 0, allowed });
      values[part][disturbed] = -10 * allowed;
      const untouched: SlotValues = { real: new Float64Array(32) };
      expect(zeroSlotNoise({ zeros }, [untouched, values], 0)).toEqual({ found: 10 * allowed, allowed });
      values[part][disturbed] = Number.NaN;
      expect(zeroSlotNoise({ zeros }, [untouched, values], 0).found).toBe(Number.POSITIVE_INFINITY);
    }
  },
);

test('other slots may hold anything, and a port that names no zero slots is not checked', () => {
  const real = new Float64Array(16).fill(1e9);
  for (const [start, end] of zeros.runs) {
    real.fill(0, start, end);
  }
  expect(zeroSlotNoise({ zeros }, [{ real }], 0).found).toBe(0);
  expect(zeroSlotNoise({}, [{ real: real.fill(1e9) }], 0)).toEqual({ found: 0, allowed: 0 });
});

test('noise that the engine adds when it decrypts is allowed for', () => {
  const values = { real: new Float64Array(16) };
  expect(zeroSlotNoise({ zeros }, [values], 1).allowed).toBeCloseTo(zeroSlotDeviations, 9);
});

test('among 2^16 parts, false alarms are rarer than one in 2^40', () => {
  // The tail of a Gaussian beyond k, both sides, is below sqrt(2 / pi) exp(-k^2 / 2) / k.
  const tail = Math.sqrt(2 / Math.PI) * (Math.exp(-(zeroSlotDeviations ** 2) / 2) / zeroSlotDeviations);
  expect(Math.log2(2 ** 16 * tail)).toBeLessThan(-40);
});
