import { cp, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forward } from '../../src/network/forward.js';
import {
  decryptSmall,
  encryptSmall,
  encryptSmallPublicly,
  evaluateSmall,
  smallNetwork,
  writeSmallKeys,
} from '../support/ckks-key-set.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { randomImage } from '../support/random-network.js';

/** Bytes of a ciphertext's header: its kind, its parameters, its key set. */
const HEADER_BYTES = [0, 12, 50];

/**
 * What the engine itself notices: header, length, parameters and key set of every file and ciphertext. Residues are
 * protected by the hashes of the containers around them, manifests and ciphertext files, which are checked before.
 */
describe('altered files, as the ckks engine reads them', () => {
  const image = randomImage(smallNetwork, 90);
  let folder: string;
  let request: Uint8Array[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ckks-faults-'));
    await writeSmallKeys(folder);
    request = await encryptSmall(folder, [image]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function copyOfEvaluationKeys(): Promise<string> {
    const copy = join(await temporaryFolder(), 'evaluation');
    await cp(join(folder, 'evaluation'), copy, { recursive: true });
    return copy;
  }

  async function expectRightAnswer(answer: readonly Uint8Array[]): Promise<void> {
    const [scores] = await decryptSmall(folder, answer, 1);
    for (const [index, score] of forward(smallNetwork, image).entries()) {
      expect(Math.abs(scores![index]! - score)).toBeLessThan(2 ** -5);
    }
  }

  test('a bit of the header of any key file', async () => {
    for (const name of await readdir(join(folder, 'evaluation'))) {
      const copy = await copyOfEvaluationKeys();
      await flipBit(join(copy, name), 20);
      const error = await describeError(() => evaluateSmall(copy, request, 1));
      expect(error).toMatch(/^ERR_KEY_(CORRUPT|VERSION|MISMATCH) /);
      expect(error).toContain(name);
    }
  });

  test('a key file cut short, by a byte and to nothing', async () => {
    for (const length of [-1, 0]) {
      const copy = await copyOfEvaluationKeys();
      const path = join(copy, 'relinearization.key');
      await truncate(path, length < 0 ? (await readFile(path)).length + length : length);
      expect(await describeError(() => evaluateSmall(copy, request, 1))).toMatch(
        /^ERR_KEY_CORRUPT .*relinearization\.key/,
      );
    }
  });

  test('a key file that is missing', async () => {
    const copy = await copyOfEvaluationKeys();
    await rm(join(copy, 'relinearization.key'));
    expect(await describeError(() => evaluateSmall(copy, request, 1))).toMatch(/^ERR_KEY_MISSING .*relinearization/);
  });

  test('two key files with each other’s names: a file says itself what it is', async () => {
    const copy = await copyOfEvaluationKeys();
    const rotation = (await readdir(copy)).find((name) => name.startsWith('rotation'))!;
    await rename(join(copy, rotation), join(copy, 'swap'));
    await rename(join(copy, 'relinearization.key'), join(copy, rotation));
    await rename(join(copy, 'swap'), join(copy, 'relinearization.key'));
    await expectRightAnswer(await evaluateSmall(copy, request, 1));
  });

  test('a key of another key set, and all of them', async () => {
    const other = await temporaryFolder();
    await writeSmallKeys(other);
    const copy = await copyOfEvaluationKeys();
    await cp(join(other, 'evaluation', 'relinearization.key'), join(copy, 'relinearization.key'));
    expect(await describeError(() => evaluateSmall(copy, request, 1))).toMatch(/^ERR_KEY_MISMATCH /);
    expect(await describeError(() => evaluateSmall(join(other, 'evaluation'), request, 1))).toMatch(
      /^ERR_(KEY_MISMATCH|CIPHERTEXT) /,
    );
  });

  test('a bit in the header of a request or of an answer', async () => {
    const evaluation = join(folder, 'evaluation');
    const answer = await evaluateSmall(evaluation, request, 1);
    for (const index of HEADER_BYTES) {
      const refused = /^ERR_(CIPHERTEXT|KEY_MISMATCH) /;
      const altered = (payloads: readonly Uint8Array[]) => [withFlippedBit(payloads[0]!, index)];
      expect(await describeError(() => evaluateSmall(evaluation, altered(request), 1))).toMatch(refused);
      expect(await describeError(() => decryptSmall(folder, altered(answer), 1))).toMatch(refused);
    }
  });

  test('an answer where a request is expected, and a request where an answer is', async () => {
    const evaluation = join(folder, 'evaluation');
    const answer = await evaluateSmall(evaluation, request, 1);
    expect(await describeError(() => evaluateSmall(evaluation, answer, 1))).toMatch(/^ERR_CIPHERTEXT /);
    expect(await describeError(() => evaluateSmall(evaluation, [new Uint8Array(0)], 1))).toMatch(/^ERR_CIPHERTEXT /);
    await expectRightAnswer(answer);
  });

  test('a bit of the public key’s file, anywhere; and the file cut short', async () => {
    const copy = join(await temporaryFolder(), 'public');
    await cp(join(folder, 'public'), copy, { recursive: true });
    const path = join(copy, 'public.key');
    const bytes = await readFile(path);
    for (const place of [0, 0.0005, 0.1, 0.5, 0.9, 1]) {
      await writeFile(path, withFlippedBit(bytes, Math.floor(place * (bytes.length - 1))));
      expect(await describeError(() => encryptSmallPublicly(copy, [image]))).toMatch(
        /^ERR_KEY_(CORRUPT|VERSION|MISMATCH) /,
      );
    }
    for (const length of [0, 100, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await describeError(() => encryptSmallPublicly(copy, [image]))).toMatch(/^ERR_KEY_CORRUPT .*public\.key/);
    }
  });

  test('an evaluation key in the place of the public key', async () => {
    const copy = await temporaryFolder();
    await cp(join(folder, 'evaluation', 'ring-switch.key'), join(copy, 'public.key'));
    expect(await describeError(() => encryptSmallPublicly(copy, [image]))).toMatch(
      /^ERR_KEY_CORRUPT .*public\.key: expected a public key/,
    );
  });

  test('a request under the public key of another key set', async () => {
    const other = await temporaryFolder();
    await writeSmallKeys(other);
    const foreign = await encryptSmallPublicly(join(other, 'public'), [image]);
    expect(await describeError(() => evaluateSmall(join(folder, 'evaluation'), foreign, 1))).toMatch(
      /^ERR_KEY_MISMATCH /,
    );
  });

  test('a bit of the secret key’s file, anywhere', async () => {
    const copy = await temporaryFolder();
    await cp(folder, copy, { recursive: true });
    const path = join(copy, 'secret', 'secret.key');
    const bytes = await readFile(path);
    for (const place of [0, 0.1, 0.5, 0.9, 1]) {
      await writeFile(path, withFlippedBit(bytes, Math.floor(place * (bytes.length - 1))));
      expect(await describeError(() => encryptSmall(copy, [image]))).toMatch(/^ERR_KEY_(CORRUPT|VERSION|MISMATCH) /);
    }
  });
});

function withFlippedBit(bytes: Uint8Array, index: number): Uint8Array {
  const altered = Uint8Array.from(bytes);
  altered[index]! ^= 4;
  return altered;
}

async function flipBit(path: string, index: number): Promise<void> {
  await writeFile(path, withFlippedBit(await readFile(path), index));
}
