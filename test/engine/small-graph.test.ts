import { describe, expect, test } from 'vitest';
import { placesAlong } from '../../src/circuit/layout.js';
import { packImages } from '../../src/circuit/port.js';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { batch } from '../../src/lowering/layouts/batch.js';
import { columnsOutermost } from '../../src/lowering/layouts/columns-outermost.js';
import { forward } from '../../src/network/forward.js';
import { largestDifference } from '../support/differences.js';
import { scoresEncrypted } from '../support/encrypted-run.js';
import { ckksParameters, searchedCircuit } from '../support/parameters.js';
import { randomImage } from '../support/random-network.js';
import { mixedGraph, smallGraph } from '../support/small-graph.js';

const parameters = ckksParameters('params_test');

/** Scores are a few units; noise of 2^-10 enters each of three layers. */
const tolerance = 2 ** -6;

describe.each([columnsOutermost, batch])('a small graph that is no residual network, $name', (strategy) => {
  const images = [1, 2, 3].map((seed) => randomImage(smallGraph, 100 + seed));
  const expected = images.map((image) => forward(smallGraph, image));

  test.each([1, 2])(
    '%i images on the simulator, by keys of the plan: the scores of the plain network',
    async (count) => {
      const engine = openSimulator(parameters);
      const scores = await scoresEncrypted(engine, smallGraph, parameters, images.slice(0, count), strategy);
      expect(scores).toHaveLength(count);
      for (const [index, found] of scores.entries()) {
        expect(largestDifference(found, expected[index]!)).toBeLessThan(1e-9);
      }
    },
  );

  test.each([1, 2])('%i images on the ckks engine: within the noise', async (count) => {
    const engine = await openCkksEngine(parameters);
    try {
      const scores = await scoresEncrypted(engine, smallGraph, parameters, images.slice(0, count), strategy);
      expect(scores).toHaveLength(count);
      for (const [index, found] of scores.entries()) {
        expect(largestDifference(found, expected[index]!)).toBeLessThan(tolerance);
      }
    } finally {
      engine.dispose();
    }
  });

  test('every pixel of a grey picture is packed once for each tap', () => {
    const circuit = searchedCircuit(smallGraph, parameters, 1, strategy);
    const image = { shape: [1, 12, 12], data: Float64Array.from({ length: 144 }, (_, pixel) => pixel + 1) };
    const packed = packImages(circuit, [image]);
    const taps = circuit.input.encoding.taps.count;
    const counts = new Map<number, number>();
    for (const value of packed.flatMap(({ real }) => [...real.filter((found) => found !== 0)])) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect(placesAlong(circuit.input.layout, 'channel')).toHaveLength(taps);
    expect(counts.size).toBe(144);
    // Pixel 1 lies in the first column, which taps further right read of no column.
    expect(counts.get(1)).toBe(1);
    expect(counts.get(12)).toBe(taps);
  });
});

describe.each([columnsOutermost, batch])('ReLU beside a square, leveled, $name', (strategy) => {
  const leveled = { ...parameters, polynomialPrecisionBits: 7 };
  const image = randomImage(mixedGraph, 7);
  const [plain] = [forward(mixedGraph, image)];

  test('on the simulator within what the polynomial errs, on the ckks engine as on the simulator', async () => {
    const [simulated] = await scoresEncrypted(openSimulator(leveled), mixedGraph, leveled, [image], strategy);
    expect(largestDifference(simulated!, plain)).toBeLessThan(2 ** -3);
    const engine = await openCkksEngine(leveled);
    try {
      const [encrypted] = await scoresEncrypted(engine, mixedGraph, leveled, [image], strategy);
      expect(largestDifference(encrypted!, simulated!)).toBeLessThan(tolerance);
    } finally {
      engine.dispose();
    }
  });
});
