import { describe, expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { OpenFheCost } from '../../src/cost/openfhe/cost.js';
import { referenceRates } from '../../src/cost/rates.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { planCircuit } from '../../src/planning/complete.js';
import { searchParameters } from '../../src/planning/parameter-search.js';
import { committedPlan } from '../../src/planning/plan.js';
import { predict, predictStepSeconds } from '../../src/planning/predict.js';
import { modulusCap } from '../../src/scheme/security.js';
import { largestKeyModulusBits } from '../../src/scheme/sizes.js';
import { ckksParameters, openFheParameters } from '../support/parameters.js';

async function circuitOf(name: string, images: 'one' | 'all') {
  const { network, parameters } = findProfile(name);
  const { graph } = await loadNetwork(weightsPath(network));
  const plan = committedPlan(name)!;
  const packing = images === 'all' ? plan.packing : { positions: 1, imaginary: false };
  return { parameters, circuit: planCircuit(graph, parameters, packing, plan) };
}

describe('predictions', () => {
  test('a circuit for all images needs the keys and the time that its plan states', async () => {
    const { parameters, circuit } = await circuitOf('params_fast', 'all');
    const plan = committedPlan('params_fast')!;
    const prediction = predict(circuit, parameters, referenceRates);
    // The plan's keys serve the circuit for a single image too, which has rotations of its own.
    expect(prediction.keyBytes).toBeLessThanOrEqual(plan.keyBytes);
    expect(prediction.keyBytes).toBeGreaterThan(0.8 * plan.keyBytes);
    expect(prediction.seconds).toBeCloseTo(plan.seconds, 9);
    const seconds = circuit.stages.flatMap(({ steps }) => steps).map(predictStepSeconds(parameters, referenceRates));
    expect(prediction.steps.map((step) => step.seconds)).toEqual(seconds);
  });

  test('params_fast holds its budgets for one image: time, memory, keys', async () => {
    const { parameters, circuit } = await circuitOf('params_fast', 'one');
    const { seconds, peakMemoryBytes, keyBytes } = predict(circuit, parameters, referenceRates);
    expect(seconds).toBeLessThan(6);
    expect(peakMemoryBytes).toBeLessThan(1.2e9);
    expect(keyBytes).toBeLessThan(0.6e9);
  });

  // Bytes that encrypted runs at full size took (bench/results/): keys on disk, and the largest resident set.
  test.each([
    ['params_secure', 3.42e9, 6.57e9],
    ['params_exp1', 6.18e9, 12.83e9],
    ['params_exp3', 5.95e9, 10.59e9],
  ])('%s: keys and memory as measured, rather more than less', async (name, measuredKeys, measuredMemory) => {
    const { parameters, circuit } = await circuitOf(name, 'one');
    const { peakMemoryBytes, keyBytes } = predict(circuit, parameters, referenceRates);
    expect(keyBytes / measuredKeys).toBeGreaterThan(0.95);
    expect(keyBytes / measuredKeys).toBeLessThan(1.5);
    expect(peakMemoryBytes / measuredMemory).toBeGreaterThan(0.95);
    expect(peakMemoryBytes / measuredMemory).toBeLessThan(1.25);
  });

  // Seconds of single steps at full size, alone on the two cores that the rates are from.
  test.each([
    ['stage1.block1.conv2', 7.09],
    ['stage1.block1.activation1', 0.58],
    ['stage3.block2.conv1', 4.1],
    ['stage3.block2.conv2', 2.68],
  ])('params_secure: %s takes the time that was measured, within a quarter', async (name, measured) => {
    const { parameters, circuit } = await circuitOf('params_secure', 'one');
    const { seconds } = predict(circuit, parameters, referenceRates).steps.find((step) => step.name === name)!;
    expect(seconds / measured).toBeGreaterThan(0.75);
    expect(seconds / measured).toBeLessThan(1.25);
  });

  // The same machine, the parameters of params_exp1 in a ring of 2^14, where keys are small enough to be made for it.
  test('a bootstrap and a ReLU take the time that was measured, within a quarter', () => {
    const parameters = { ...openFheParameters('params_exp1'), ringDimension: 2 ** 14, slots: 2 ** 12 };
    const costs = new OpenFheCost(parameters, referenceRates.openfhe);
    for (const [predicted, measured] of [
      [costs.bootstrapSeconds(), 2.43],
      [costs.polynomialSeconds(8, 59), 0.4],
    ] as const) {
      expect(predicted / measured).toBeGreaterThan(0.75);
      expect(predicted / measured).toBeLessThan(1.25);
    }
  });

  test('what must be read before the first step counts, where an engine reads keys in whole', async () => {
    const { parameters, circuit } = await circuitOf('params_secure', 'one');
    const { seconds, steps } = predict(circuit, parameters, referenceRates);
    const computing = steps.reduce((sum, step) => sum + step.seconds, 0);
    expect((seconds - computing) / referenceRates.openfhe.keyLoadingSecondsPerByte).toBeCloseTo(2_842_959_872, -8);
  });

  test('params_secure holds its budgets', async () => {
    const { parameters, circuit } = await circuitOf('params_secure', 'one');
    const { seconds, peakMemoryBytes, keyBytes } = predict(circuit, parameters, referenceRates);
    expect(seconds).toBeLessThan(400);
    expect(peakMemoryBytes).toBeLessThan(12e9);
    expect(keyBytes).toBeLessThan(12e9);
  });
});

describe('the parameter search', () => {
  test('finds params_fast first, and only sets under the cap and within the limits', async () => {
    const { circuit } = await circuitOf('params_fast', 'one');
    const parameters = ckksParameters('params_fast');
    const limits = { keyBytes: 0.6e9, precisionBits: 10 };
    const found = searchParameters(circuit, parameters, referenceRates.ckks, limits);
    expect(found[0]!.parameters).toEqual(parameters);
    expect(found[0]!.logQP).toBe(largestKeyModulusBits(parameters));
    for (const { logQP, keyBytes, precisionBits } of found) {
      expect(logQP).toBeLessThanOrEqual(modulusCap(parameters.ringDimension, parameters.secret));
      expect(keyBytes).toBeLessThanOrEqual(limits.keyBytes);
      expect(precisionBits).toBeGreaterThanOrEqual(limits.precisionBits);
    }
  });

  test('more precision costs time, and too much is not to be had', async () => {
    const { circuit } = await circuitOf('params_fast', 'one');
    const parameters = ckksParameters('params_fast');
    const best = (precisionBits: number) =>
      searchParameters(circuit, parameters, referenceRates.ckks, { keyBytes: 0.6e9, precisionBits })[0];
    expect(best(11)!.seconds).toBeGreaterThan(best(10)!.seconds);
    expect(best(30)).toBeUndefined();
  });
});
