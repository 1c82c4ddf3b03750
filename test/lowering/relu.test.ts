import { describe, expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import type { Step } from '../../src/circuit/circuit.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { largestPacking, packingFor } from '../../src/lowering/packing.js';
import { forward } from '../../src/network/forward.js';
import type { WidthPadding } from '../../src/network/import/resnet20.js';
import { planCircuit } from '../../src/planning/complete.js';
import type { Profile } from '../../src/scheme/parameters.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';

const shape = { channels: [4, 8], height: 8, width: 8, blocksPerStage: 2, classes: 10, seed: 5 } as const;

/** The test profile with a polynomial of another degree. */
function withDegree(reluDegree: number, levels: number): Profile {
  const profile = findProfile('params_test_bootstrap');
  const openfhe = profile.openfhe!;
  return { ...profile, openfhe: { ...openfhe, levels, bootstrap: { ...openfhe.bootstrap!, reluDegree } } };
}

describe.each<WidthPadding>(['zero', 'circular-width'])('ReLU network, %s padding', (padding) => {
  const network = randomNetwork({ ...shape, activation: 'relu', padding });

  async function largestError(profile: Profile): Promise<number> {
    const image = randomImage(network, 100);
    const circuit = planCircuit(network, profile, packingFor(largestPacking(network, profile), 1, profile.name));
    const [scores] = await scoresThrough(openSimulator(profile).openWithoutKeys(), circuit, [image]);
    const expected = forward(network, image);
    return Math.max(...expected.map((score, index) => Math.abs(score - scores![index]!)));
  }

  test('scores approach the forward pass as the degree grows', async () => {
    // ReLU on [-1, 1] is approximated to about 0.3 / degree at worst; nine of them, on bounds of about six.
    expect(await largestError(withDegree(59, 8))).toBeLessThan(0.2);
    expect(await largestError(withDegree(507, 11))).toBeLessThan(0.02);
  });

  test('a bootstrap stands before every activation but the first, and no level is overdrawn', () => {
    const profile = findProfile('params_test_bootstrap');
    const circuit = planCircuit(network, profile, packingFor(largestPacking(network, profile), 1, profile.name));
    const steps = circuit.stages.flatMap((stage) => stage.steps);
    const count = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).length;
    expect([count('linear'), count('polynomial'), count('bootstrap')]).toEqual([10, 9, 8]);
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'bootstrap') {
        expect(step.level).toBeGreaterThanOrEqual(1);
        expect(steps[index + 1]).toMatchObject({ kind: 'polynomial', level: profile.openfhe!.levels });
      }
    }
  });
});
