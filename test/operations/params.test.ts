import { expect, test } from 'vitest';
import { describeProfiles } from '../../src/operations/params.js';
import { describeError } from '../support/errors.js';

test('the default profile comes first, at 128 bits, and its plan adds up', async () => {
  const [first] = await describeProfiles();
  const [fast] = await describeProfiles({ profile: 'params_fast', circuit: true });
  expect(first?.profile).toBe('params_fast');
  expect(fast?.security.bits).toBe(128);
  const { model } = fast!;
  expect(model?.circuit?.stages.map((stage) => stage.name)).toEqual([
    'stem',
    ...[1, 2, 3].flatMap((stage) => [1, 2, 3].map((block) => `stage${stage}.block${block}`)),
    'linear',
  ]);
  const stages = model!.circuit!.stages;
  const ofStages = stages.reduce((sum, stage) => sum + stage.predictedSeconds, 0);
  const ofSteps = stages.flatMap((stage) => stage.steps).reduce((sum, step) => sum + step.predictedSeconds, 0);
  expect(ofStages).toBeCloseTo(model!.seconds, 9);
  expect(ofSteps).toBeCloseTo(model!.seconds, 9);
  for (const stage of stages) {
    expect(stage.keyBytes).toBeGreaterThan(0);
    expect(stage.keyBytes).toBeLessThanOrEqual(model!.keyBytes);
  }
});

test('levels never rise in a leveled plan, and the last step leaves none', async () => {
  const [fast] = await describeProfiles({ profile: 'params_fast', circuit: true });
  const levels = fast!.model!.circuit!.stages.flatMap((stage) => stage.steps.map((step) => step.level));
  expect(levels).toEqual(levels.toSorted((left, right) => right - left));
  expect(levels.at(-1)).toBe(1);
});

test('an unknown profile is refused with the names of those that there are', async () => {
  expect(await describeError(() => describeProfiles({ profile: 'params_fats' }))).toMatch(
    /^ERR_PROFILE .*params_fats.*params_fast/,
  );
});
