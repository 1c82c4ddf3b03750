import { expect, test } from 'vitest';
import { explain } from '../../src/operations/explain.js';
import { committedPlan } from '../../src/planning/plan.js';
import { describeError } from '../support/errors.js';

test('the stages of params_fast, with what the plan says of their keys', async () => {
  const { stages, planHash } = await explain();
  const plan = committedPlan('params_fast')!;
  expect(planHash).toBe(plan.hash);
  expect(stages.map(({ name }) => name)).toEqual([
    'stem',
    ...[1, 2, 3].flatMap((stage) => [1, 2, 3].map((block) => `stage${stage}.block${block}`)),
    'linear',
  ]);
  for (const { keyBytes, predictedSeconds, steps } of stages) {
    expect(keyBytes).toBeGreaterThan(0);
    expect(keyBytes).toBeLessThanOrEqual(plan.keyBytes);
    expect(steps.reduce((sum, step) => sum + step.predictedSeconds, 0)).toBeCloseTo(predictedSeconds, 9);
  }
});

test('shapes, layouts, levels and scales of the stem, of a strided convolution and of the last layer', async () => {
  const { input, output, stages } = await explain();
  const steps = new Map(stages.flatMap((stage) => stage.steps).map((step) => [step.name, step]));
  expect(input).toMatchObject({
    channels: 9,
    rows: 32,
    columns: 32,
    images: 2,
    ciphertexts: 1,
    level: 20,
    scaleBits: 48,
  });
  expect(output).toMatchObject({ channels: 10, rows: 1, ciphertexts: 1, level: 0, scaleBits: 36 });
  expect(steps.get('stem')).toMatchObject({
    level: 20,
    scaleBits: 24,
    inputs: ['input'],
    linear: {
      output: { channels: 16, rows: 32, columns: 32, slotStrides: { channel: [1], row: [16], column: [1024] } },
    },
  });
  expect(steps.get('stem.activation')).toMatchObject({ kind: 'square', level: 19, scaleBits: 48 });
  expect(steps.get('stage2.block1.conv1')!.linear).toMatchObject({
    input: { slotStrides: { row: [16], column: [1024] } },
    output: { channels: 32, rows: 16, columns: 16, slotStrides: { row: [32], column: [2048] } },
    diagonals: 237,
    period: 512,
  });
  expect(steps.get('linear')).toMatchObject({ level: 1, linear: { folds: 6 } });
});

test('levels never rise in a leveled plan, and the last step leaves none', async () => {
  const { stages } = await explain({ images: 4 });
  const levels = stages.flatMap((stage) => stage.steps.map((step) => step.level));
  expect(levels).toEqual(levels.toSorted((left, right) => right - left));
  expect(levels.at(-1)).toBe(1);
});

test('more pictures than a group holds are refused', async () => {
  expect(await describeError(() => explain({ images: 5 }))).toMatch(/^ERR_USAGE .*1 to 4 images, found 5/);
});
