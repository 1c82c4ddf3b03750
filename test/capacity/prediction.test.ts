import { describe, expect, test } from 'vitest';
import { searchParameters } from '../../src/capacity/parameter-search.js';
import { predict, predictStepSeconds } from '../../src/capacity/prediction.js';
import { largestPacking } from '../../src/circuit/packing.js';
import { planCircuit } from '../../src/circuit/planner.js';
import { loadNetwork, weightsPath } from '../../src/network/load.js';
import { committedPlan } from '../../src/profile/plan.js';
import { findProfile } from '../../src/profile/profiles.js';
import { rates } from '../../src/profile/rates.js';
import { modulusCap } from '../../src/profile/security.js';

async function circuitOf(name: string, images: 'one' | 'all') {
  const profile = findProfile(name);
  const { network } = await loadNetwork(weightsPath(profile.network));
  const packing = images === 'all' ? largestPacking(network, profile) : { positions: 1, imaginary: false };
  return { profile, circuit: planCircuit(network, profile, packing) };
}

describe('predictions', () => {
  test('a circuit for all images needs the keys and the time that its plan states', async () => {
    const { profile, circuit } = await circuitOf('params_fast', 'all');
    const plan = committedPlan('params_fast')!;
    const prediction = predict(circuit, profile);
    // The plan's keys serve the circuit for a single image too, which has rotations of its own.
    expect(prediction.keyBytes).toBeLessThanOrEqual(plan.keyBytes);
    expect(prediction.keyBytes).toBeGreaterThan(0.8 * plan.keyBytes);
    expect(prediction.seconds).toBeCloseTo(plan.seconds, 9);
    const seconds = circuit.stages.flatMap(({ steps }) => steps).map(predictStepSeconds(profile));
    expect(prediction.steps.map((step) => step.seconds)).toEqual(seconds);
  });

  test('params_fast holds its budgets for one image: time, memory, keys', async () => {
    const { profile, circuit } = await circuitOf('params_fast', 'one');
    const { seconds, peakMemoryBytes, keyBytes } = predict(circuit, profile);
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
    const { profile, circuit } = await circuitOf(name, 'one');
    const { peakMemoryBytes, keyBytes } = predict(circuit, profile);
    expect(keyBytes / measuredKeys).toBeGreaterThan(0.95);
    expect(keyBytes / measuredKeys).toBeLessThan(1.5);
    expect(peakMemoryBytes / measuredMemory).toBeGreaterThan(0.95);
    expect(peakMemoryBytes / measuredMemory).toBeLessThan(1.25);
  });

  test('params_secure holds its budgets', async () => {
    const { profile, circuit } = await circuitOf('params_secure', 'one');
    const { seconds, peakMemoryBytes, keyBytes } = predict(circuit, profile);
    expect(seconds).toBeLessThan(400);
    expect(peakMemoryBytes).toBeLessThan(12e9);
    expect(keyBytes).toBeLessThan(12e9);
  });
});

describe('the parameter search', () => {
  test('finds params_fast first, and only sets under the cap and within the limits', async () => {
    const { profile, circuit } = await circuitOf('params_fast', 'one');
    const limits = { keyBytes: 0.6e9, precisionBits: 10 };
    const found = searchParameters(circuit, profile.ckks!, rates.ckks, limits);
    expect(found[0]!.parameters).toEqual(profile.ckks);
    expect(found[0]!.logQP).toBe(profile.logQP);
    for (const { logQP, keyBytes, precisionBits } of found) {
      expect(logQP).toBeLessThanOrEqual(modulusCap(profile.ckks!.ringDimension, profile.secret));
      expect(keyBytes).toBeLessThanOrEqual(limits.keyBytes);
      expect(precisionBits).toBeGreaterThanOrEqual(limits.precisionBits);
    }
  });

  test('more precision costs time, and too much is not to be had', async () => {
    const { profile, circuit } = await circuitOf('params_fast', 'one');
    const best = (precisionBits: number) =>
      searchParameters(circuit, profile.ckks!, rates.ckks, { keyBytes: 0.6e9, precisionBits })[0];
    expect(best(11)!.seconds).toBeGreaterThan(best(10)!.seconds);
    expect(best(30)).toBeUndefined();
  });
});
