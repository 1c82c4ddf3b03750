import { describe, expect, test } from 'vitest';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { forward } from '../../src/network/forward.js';
import type { WidthPadding } from '../../src/network/import/resnet20.js';
import { ckksParameters, searchedCircuit } from '../support/parameters.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';

const shape = { channels: [4, 8], height: 8, width: 8, blocksPerStage: 2, classes: 10, seed: 11 } as const;
const parameters = ckksParameters('params_test');

function largestDifference(left: readonly Float64Array[], right: readonly Float64Array[]): number {
  return Math.max(
    ...left.flatMap((scores, image) => [...scores].map((score, k) => Math.abs(score - right[image]![k]!))),
  );
}

describe.each<WidthPadding>(['zero', 'circular-width'])('square network, %s padding', (padding) => {
  const network = randomNetwork({ ...shape, activation: 'square', padding });

  test.each([1, 2, 3, 4])('%i images: circuit scores are the forward pass', async (count) => {
    const images = Array.from({ length: count }, (_, index) => randomImage(network, 100 + index));
    const circuit = searchedCircuit(network, parameters, count);
    const expected = images.map((image) => forward(network, image));
    for (const liveColumnsOnly of [false, true]) {
      const engine = openSimulator(parameters, { liveColumnsOnly }).openWithoutKeys();
      for (const result of [true, false]) {
        const scores = await scoresThrough(engine, circuit, images, result);
        expect(scores).toHaveLength(count);
        expect(largestDifference(scores, expected)).toBeLessThan(1e-9);
      }
    }
  });
});
