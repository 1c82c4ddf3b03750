import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/circuit/circuit.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { forward } from '../../src/network/forward.js';
import type { WidthPadding } from '../../src/network/import/resnet20.js';
import type { Parameters } from '../../src/scheme/parameters.js';
import { openFheParameters, searchedCircuit } from '../support/parameters.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';

const shape = { channels: [4, 8], height: 8, width: 8, blocksPerStage: 2, classes: 10, seed: 5 } as const;

const parameters = openFheParameters('params_test_bootstrap');

/** The same with a polynomial of another degree. */
function withDegree(reluDegree: number, levels: number): Parameters {
  return { ...parameters, levels, bootstrap: { ...parameters.bootstrap!, reluDegree } };
}

describe.each<WidthPadding>(['zero', 'circular-width'])('ReLU network, %s padding', (padding) => {
  const network = randomNetwork({ ...shape, activation: 'relu', padding });

  async function largestError(of: Parameters): Promise<number> {
    const image = randomImage(network, 100);
    const circuit = searchedCircuit(network, of, 1);
    const [scores] = await scoresThrough(openSimulator(of).openWithoutKeys(), circuit, [image]);
    const expected = forward(network, image);
    return Math.max(...expected.map((score, index) => Math.abs(score - scores![index]!)));
  }

  test('scores approach the forward pass as the degree grows', async () => {
    // ReLU on [-1, 1] is approximated to about 0.3 / degree at worst; nine of them, on bounds of about six.
    expect(await largestError(withDegree(59, 8))).toBeLessThan(0.2);
    expect(await largestError(withDegree(507, 11))).toBeLessThan(0.02);
  });

  test('a bootstrap stands before every activation but the first, and no level is overdrawn', () => {
    const circuit = searchedCircuit(network, parameters, 1);
    const steps = circuit.stages.flatMap((stage) => stage.steps);
    const count = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).length;
    expect([count('linear'), count('polynomial'), count('bootstrap')]).toEqual([10, 9, 8]);
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'bootstrap') {
        expect(step.level).toBeGreaterThanOrEqual(1);
        expect(steps[index + 1]).toMatchObject({ kind: 'polynomial', level: parameters.levels });
      }
    }
  });
});
