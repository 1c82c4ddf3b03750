import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zeroSlotNoise, zeroSlotsOf } from '../../src/circuit/answer-noise.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { type Answer, decryptAnswers, encryptImages } from '../../src/sessions/client.js';
import { EvaluationSession, evaluatePayloads } from '../../src/sessions/evaluation.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import {
  encryptSmall,
  evaluateSmall,
  readSmall,
  scoresOf,
  smallCircuits,
  smallNetwork,
  withClient,
  writeSmallKeys,
} from '../support/ckks-key-set.js';
import { randomImage } from '../support/random-network.js';
import { scaledImage } from '../support/scaled-image.js';

const { model } = smallCircuits;
const zeros = model.plan.output.zeros!;

const imagesFrom = (seed: number, count: number): Tensor[] =>
  Array.from({ length: count }, (_, index) => randomImage(smallNetwork, seed + index));

/** Five images: four share a ciphertext, of which the third is as many times too large; the last has its own. */
const withOverflow = (factor: number): Tensor[] =>
  imagesFrom(300, 5).map((image, index) => (index === 2 ? scaledImage(image, factor) : image));

function expectOverflow(answers: readonly Answer[], alone: readonly number[]): void {
  expect(answers.slice(0, 4)).toEqual(Array(4).fill({ refusal: { cause: 'noise', images: 4 } }));
  const [last] = scoresOf(answers.slice(4));
  for (const [index, score] of last!.entries()) {
    expect(score).toBeCloseTo(alone[index]!, 1);
  }
}

async function simulate(images: readonly Tensor[], bound?: number): Promise<Answer[]> {
  const { client, evaluator } = openSimulator(model.profile.parameters, { noise: 'predicted' }).openWithoutKeys();
  using session = new EvaluationSession(smallCircuits, evaluator);
  const payloads = await encryptImages(client, model, images, {});
  const { groups } = await evaluatePayloads(session, payloads, images.length, {});
  const { output } = model.plan;
  const bounded = { ...model, plan: { ...model.plan, output: { ...output, encoding: { ...output.encoding, bound } } } };
  return decryptAnswers(client, bounded, groups, images.length, {});
}

describe('on the ckks engine', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'answers-'));
    await writeSmallKeys(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const answer = async (images: readonly Tensor[]): Promise<readonly Uint8Array[]> =>
    evaluateSmall(join(folder, 'evaluation'), await encryptSmall(folder, images), images.length);

  // Larger factors do not fit the encoding of the input.
  test.each([30, 1000, 4000])('an input %i times too large spoils its ciphertext, which is refused', async (factor) => {
    const [alone] = scoresOf(await simulate(withOverflow(1).slice(4)));
    expectOverflow(await readSmall(folder, await answer(withOverflow(factor)), 5), alone!);
  });

  test('of 200 ordinary images none is refused, and zero slots hold noise below what is predicted, not none', async () => {
    const payloads = await answer(imagesFrom(1000, 200));
    expect(scoresOf(await readSmall(folder, payloads, 200))).toHaveLength(200);
    for (const payload of payloads.slice(0, 3)) {
      const values = await withClient(folder, (client) => client.decrypt(payload));
      const { found, allowed } = zeroSlotNoise({ zeros }, [values], 0);
      expect(found).toBeLessThan(allowed);
      const slots = zeroSlotsOf(zeros, values.real.length);
      const meanSquare = slots.reduce((sum, slot) => sum + values.real[slot]! ** 2, 0) / slots.length;
      // Measured: 0.44 with images in both parts.
      expect(Math.sqrt(meanSquare) / zeros.deviation).toBeGreaterThan(0.1);
      expect(Math.sqrt(meanSquare) / zeros.deviation).toBeLessThan(1);
    }
  }, 120_000);
});

describe('on the simulator', () => {
  test.each([1e3, 1e4, 1e5, 1e6])('an input %i times too large ends the same way', async (factor) => {
    const [alone] = scoresOf(await simulate(withOverflow(1).slice(4)));
    expectOverflow(await simulate(withOverflow(factor)), alone!);
  });

  test('stated noise larger than what is predicted is no reason to refuse', async () => {
    const { client, evaluator } = openSimulator(model.profile.parameters, {
      noise: { precisionBits: 6 },
    }).openWithoutKeys();
    using session = new EvaluationSession(smallCircuits, evaluator);
    const payloads = await encryptImages(client, model, imagesFrom(300, 4), {});
    const { groups } = await evaluatePayloads(session, payloads, 4, {});
    expect(scoresOf(await decryptAnswers(client, model, groups, 4, {}))).toHaveLength(4);
  });

  test('scores beyond the bound, and they alone, are refused', async () => {
    const images = imagesFrom(300, 4);
    const largest = scoresOf(await simulate(images)).map((scores) => Math.max(...scores.map(Math.abs)));
    const bound = [...largest].sort((left, right) => left - right)[1]! * 1.001;
    const answers = await simulate(images, bound);
    expect(answers.map((each) => 'refusal' in each)).toEqual(largest.map((score) => score > bound));
    expect(answers.filter((each) => 'refusal' in each)).toEqual(
      Array(2).fill({ refusal: { cause: 'scores', images: 4 } }),
    );
  });
});
