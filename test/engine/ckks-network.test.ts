import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { forward } from '../../src/network/forward.js';
import { decryptAnswers, encryptImages } from '../../src/sessions/client.js';
import { EvaluationSession, evaluatePayloads } from '../../src/sessions/evaluation.js';
import type { StageRange } from '../../src/sessions/run-stages.js';
import {
  decryptSmall,
  encryptSmall,
  encryptSmallPublicly,
  evaluateSmall,
  scoresOf,
  smallCircuits,
  smallNetwork,
  withSmallSession,
  writeSmallKeys,
} from '../support/ckks-key-set.js';
import { randomImage } from '../support/random-network.js';

/** Scores are a few units; noise of 2^-10 enters each of six layers. */
const TOLERANCE = 2 ** -5;

describe('a small network through keys on disk', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ckks-network-'));
    await writeSmallKeys(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const imagesFor = (count: number) =>
    Array.from({ length: count }, (_, index) => randomImage(smallNetwork, 70 + index));

  test.each([1, 2, 3, 4])('%i images: evaluated with no secret key on the disk', async (count) => {
    const images = imagesFor(count);
    const request = await encryptSmall(folder, images);
    expect(request).toHaveLength(1);
    const hidden = `${folder}-secret`;
    await rename(join(folder, 'secret'), hidden);
    const answer = await evaluateSmall(join(folder, 'evaluation'), request, count).finally(() =>
      rename(hidden, join(folder, 'secret')),
    );
    const scores = await decryptSmall(folder, answer, count);
    expect(scores).toHaveLength(count);
    const simulated = await simulatedScores(count);
    for (const [index, image] of images.entries()) {
      expect(largestDifference(scores[index]!, [...forward(smallNetwork, image)])).toBeLessThan(TOLERANCE);
      expect(largestDifference(scores[index]!, simulated[index]!)).toBeLessThan(TOLERANCE);
      expect(largestDifference(scores[index]!, simulated[index]!)).toBeGreaterThan(0);
    }
  });

  test('images encrypted by who has the public folder alone get the scores of the owner', async () => {
    const images = imagesFor(2);
    const apart = await mkdtemp(join(tmpdir(), 'ckks-network-public-'));
    await cp(join(folder, 'public'), apart, { recursive: true });
    const request = await encryptSmallPublicly(apart, images).finally(() => rm(apart, { recursive: true }));
    const answer = await evaluateSmall(join(folder, 'evaluation'), request, 2);
    const scores = await decryptSmall(folder, answer, 2);
    for (const [index, image] of images.entries()) {
      expect(largestDifference(scores[index]!, [...forward(smallNetwork, image)])).toBeLessThan(TOLERANCE);
    }
    const [ownRequest] = await encryptSmall(folder, images);
    expect(request[0]!.length / ownRequest!.length).toBeCloseTo(2, 2);
  });

  test('one image uses the imaginary part of the slots, three keep images in it', () => {
    const shifted = (images: number) =>
      smallCircuits
        .circuitFor(images)
        .stages.flatMap(({ steps }) => steps)
        .some((step) => step.kind === 'linear' && step.split.imaginaryShift !== undefined);
    expect(shifted(1)).toBe(true);
    expect(smallCircuits.circuitFor(1).packing).toEqual({ positions: 1, imaginary: false });
    expect(shifted(3)).toBe(false);
    expect(smallCircuits.circuitFor(3).packing).toEqual({ positions: 2, imaginary: true });
  });

  test('memory budget and threads do not change a bit of the answer', async () => {
    const images = imagesFor(1);
    const request = await encryptSmall(folder, images);
    const evaluation = join(folder, 'evaluation');
    const reference = await evaluateSmall(evaluation, request, 1, { threads: 1 });
    const settings = [{ threads: 2 }, { threads: 1, memoryBudget: 1e6 }, { threads: 2, memoryBudget: 1e6 }];
    for (const setting of settings) {
      const answer = await evaluateSmall(evaluation, request, 1, setting);
      expect(Buffer.compare(answer[0]!, reference[0]!), JSON.stringify(setting)).toBe(0);
    }
  });

  test('stages run in two sessions, each a payload away from the other, give the same answer bit for bit', async () => {
    const [request] = await encryptSmall(folder, imagesFor(1));
    const evaluation = join(folder, 'evaluation');
    const [expected] = await evaluateSmall(evaluation, [request!], 1);
    const { stages, input, output } = smallCircuits.circuitFor(1);
    const run = (range: StageRange, registers: ReadonlyMap<string, Uint8Array>) =>
      withSmallSession(evaluation, {}, (session) => session.run({ images: 1, stages: range, registers }, {}));
    const first = await run({ start: 0, end: 2 }, new Map([[input.registers[0]!, request!]]));
    const second = await run({ start: 2, end: stages.length }, first.registers);
    expect([...second.registers.keys()]).toEqual(output.registers);
    expect(Buffer.compare(second.registers.get(output.registers[0]!)!, expected!)).toBe(0);
    const wrong = run({ start: 2, end: stages.length }, new Map([[input.registers[0]!, request!]]));
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_CIPHERTEXT', message: expect.stringMatching(/start from/) });
  });

  async function simulatedScores(count: number): Promise<(readonly number[])[]> {
    const { client, evaluator } = openSimulator(smallCircuits.model.profile.parameters, {
      noise: 'none',
    }).openWithoutKeys();
    const payloads = await encryptImages(client, smallCircuits.model, imagesFor(count), {});
    using session = new EvaluationSession(smallCircuits, evaluator);
    const evaluated = await evaluatePayloads(session, payloads, count, {});
    return scoresOf(await decryptAnswers(client, smallCircuits.model, evaluated.groups, count, {}));
  }
});

function largestDifference(left: readonly number[], right: readonly number[]): number {
  return Math.max(...left.map((score, index) => Math.abs(score - right[index]!)));
}
