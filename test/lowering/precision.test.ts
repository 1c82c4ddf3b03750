import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { forward } from '../../src/network/forward.js';
import { inputOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { planCircuit } from '../../src/planning/complete.js';
import { committedPlan } from '../../src/planning/plan.js';
import { scoresThrough } from '../support/run-steps.js';

test('params_fast on a picture: exact without noise, within 0.05 with the noise that its parameters predict', async () => {
  const profile = findProfile('params_fast');
  const { graph } = await loadNetwork(weightsPath(profile.network));
  const file = fileURLToPath(new URL('../../inputs/default.png', import.meta.url));
  const image = normalise(await loadImage(file, { shape: [3, 32, 32] }), inputOf(graph));
  const { parameters } = profile;
  const circuit = planCircuit(graph, parameters, { positions: 1, imaginary: false }, committedPlan('params_fast')!);
  const expected = forward(graph, image);
  const error = async (noise: 'none' | 'predicted'): Promise<number> => {
    const [scores] = await scoresThrough(openSimulator(parameters, { noise }).openWithoutKeys(), circuit, [image]);
    return Math.max(...expected.map((score, index) => Math.abs(score - scores![index]!)));
  };
  expect(await error('none')).toBeLessThan(1e-9);
  const noisy = await error('predicted');
  expect(noisy).toBeLessThan(0.05);
  expect(noisy).toBeGreaterThan(1e-4);
});
