import { expect, it } from 'vitest';
import { packingFor } from '../../src/circuit/port.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { forward } from '../../src/network/forward.js';
import { planCircuit } from '../../src/planning/complete.js';
import { searchPlan } from '../../src/planning/search.js';
import type { OpenFheParameters } from '../../src/scheme/parameters.js';
import { makeKeySet } from '../support/key-set.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';
import { bootstrappedParameters, describeOpenFhe, leveledParameters } from './parameters.js';

/** Stem, an identity block, a block with stride 2 and shortcut, pooling and a fully connected layer. */
const shape = { channels: [4, 8], height: 8, width: 8, blocksPerStage: 1, classes: 10, seed: 11 } as const;

describeOpenFhe('openfhe network, encrypted', () => {
  it('gives the scores of a square network, two images in one ciphertext', async () => {
    const network = randomNetwork({ ...shape, activation: 'square', padding: 'circular-width' });
    const parameters = leveledParameters({ levels: 11, scalingModulusBits: 40, firstModulusBits: 55 });
    await compare(network, parameters, 2, 1e-6, 1e-6);
  });

  it('gives the scores of a ReLU network, bootstrapped before every activation but the first', async () => {
    const network = randomNetwork({ ...shape, activation: 'relu', padding: 'zero' });
    const parameters = bootstrappedParameters({ levels: 8 });
    await compare(network, parameters, 1, 1e-4, 0.05);
  });
});

/** `plainTolerance`: what the activation's polynomial may change too. */
async function compare(
  network: ReturnType<typeof randomNetwork>,
  parameters: OpenFheParameters,
  count: number,
  tolerance: number,
  plainTolerance: number,
): Promise<void> {
  const images = Array.from({ length: count }, (_, index) => randomImage(network, 100 + index));
  const plan = searchPlan(network, parameters, 'searched');
  const circuit = planCircuit(network, parameters, packingFor(plan.packing, count), plan);
  const simulated = await scoresThrough(openSimulator(parameters).openWithoutKeys(), circuit, images);
  const engine = await openOpenFheEngine(parameters);
  const keys = await makeKeySet(engine, { stages: plan.stages });
  try {
    const scores = await scoresThrough(keys, circuit, images);
    expect(scores).toHaveLength(count);
    expect(largestDifference(scores, simulated)).toBeLessThan(tolerance);
    const plain = images.map((image) => forward(network, image));
    expect(largestDifference(scores, plain)).toBeLessThan(plainTolerance);
  } finally {
    await keys.dispose();
    engine.dispose();
  }
}

function largestDifference(left: readonly Float64Array[], right: readonly Float64Array[]): number {
  return Math.max(
    ...left.flatMap((scores, image) => [...scores].map((score, k) => Math.abs(score - right[image]![k]!))),
  );
}
