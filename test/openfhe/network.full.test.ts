import { expect, it } from 'vitest';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { largestPacking, packingFor } from '../../src/lowering/packing.js';
import { forward } from '../../src/network/forward.js';
import { keyPlan, planCircuit } from '../../src/planning/complete.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';
import { makeKeySet } from './key-set.js';
import { bootstrappedProfile, describeOpenFhe, leveledProfile } from './profiles.js';

/** Stem, an identity block, a block with stride 2 and shortcut, pooling and a fully connected layer. */
const shape = { channels: [4, 8], height: 8, width: 8, blocksPerStage: 1, classes: 10, seed: 11 } as const;

describeOpenFhe('openfhe network, encrypted', () => {
  it('gives the scores of a square network, two images in one ciphertext', async () => {
    const network = randomNetwork({ ...shape, activation: 'square', padding: 'circular-width' });
    const profile = leveledProfile({ levels: 11, scalingModulusBits: 40, firstModulusBits: 55 });
    await compare(network, profile, 2, 1e-6, 1e-6);
  });

  it('gives the scores of a ReLU network, bootstrapped before every activation but the first', async () => {
    const network = randomNetwork({ ...shape, activation: 'relu', padding: 'zero' });
    const profile = bootstrappedProfile({ levels: 8 });
    await compare(network, profile, 1, 1e-4, 0.05);
  });
});

/** `plainTolerance`: what the activation's polynomial may change too. */
async function compare(
  network: ReturnType<typeof randomNetwork>,
  profile: ReturnType<typeof leveledProfile>,
  count: number,
  tolerance: number,
  plainTolerance: number,
): Promise<void> {
  const images = Array.from({ length: count }, (_, index) => randomImage(network, 100 + index));
  const circuit = planCircuit(network, profile, packingFor(largestPacking(network, profile), count, profile.name));
  const simulated = await scoresThrough(openSimulator(profile).openWithoutKeys(), circuit, images);
  const engine = await openOpenFheEngine(profile);
  const keys = await makeKeySet(engine, keyPlan(network, profile));
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
