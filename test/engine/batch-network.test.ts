import { describe, expect, test } from 'vitest';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { batch } from '../../src/lowering/layouts/batch.js';
import { forward } from '../../src/network/forward.js';
import { searchPlan } from '../../src/planning/search.js';
import { smallNetwork } from '../support/ckks-key-set.js';
import { largestDifference } from '../support/differences.js';
import { scoresEncrypted } from '../support/encrypted-run.js';
import { ckksParameters, searchedCircuit } from '../support/parameters.js';
import { randomImage } from '../support/random-network.js';

const parameters = ckksParameters('params_test');

/** Scores are a few units; noise of 2^-10 enters each of six layers. */
const tolerance = 2 ** -5;

describe('two stages of a residual network in batch layouts', () => {
  const images = Array.from({ length: 5 }, (_, index) => randomImage(smallNetwork, 70 + index));
  const expected = images.map((image) => forward(smallNetwork, image));

  test('no slot is empty: four phases of 4 x 4 cells leave room for 128 pictures, and as many in the imaginary part', () => {
    const { packing, input } = searchPlan(smallNetwork, parameters, 'batch', batch);
    expect(packing).toEqual({ positions: 128, imaginary: true });
    expect(input.registers).toHaveLength(3 * 4);
  });

  test('a stride keeps one phase in four and rotates by cells alone; diagonals have the period of the coarse rows', () => {
    const { stages } = searchedCircuit(smallNetwork, parameters, 1, batch);
    const steps = stages.flatMap((stage) => stage.steps);
    const outputs = (name: string) => steps.find((step) => step.name === name && step.kind === 'linear')!;
    expect(outputs('stage1.block1.conv1')).toMatchObject({ outputs: { length: 4 * 4 } });
    expect(outputs('stage2.block1.conv1')).toMatchObject({ outputs: { length: 8 } });
    for (const step of steps) {
      if (step.kind === 'linear' && step.name !== 'linear') {
        expect(new Set(step.outputs.map(({ bias }) => bias.length))).toEqual(new Set([4]));
        expect(step.split.giantSteps).toEqual([0]);
        // Rows are 1 apart and columns 512.
        const allowed = [-1, 0, 1].flatMap((row) => [-512, 0, 512].map((column) => row + column));
        expect(allowed).toEqual(expect.arrayContaining([...step.split.babySteps]));
      }
    }
  });

  test('on the simulator, by keys of the plan: the scores of the plain network', async () => {
    const scores = await scoresEncrypted(openSimulator(parameters), smallNetwork, parameters, images, batch);
    expect(scores).toHaveLength(images.length);
    for (const [index, found] of scores.entries()) {
      expect(largestDifference(found, expected[index]!)).toBeLessThan(1e-9);
    }
  });

  test('on the ckks engine: within the noise', async () => {
    const engine = await openCkksEngine(parameters);
    try {
      const scores = await scoresEncrypted(engine, smallNetwork, parameters, images, batch);
      expect(scores).toHaveLength(images.length);
      for (const [index, found] of scores.entries()) {
        expect(largestDifference(found, expected[index]!)).toBeLessThan(tolerance);
      }
    } finally {
      engine.dispose();
    }
  });
});
