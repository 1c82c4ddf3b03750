import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packImages } from '../../src/circuit/port.js';
import { writeCiphertextFile } from '../../src/store/ciphertext-file.js';
import {
  decryptSmall,
  encryptSmall,
  encryptSmallPublicly,
  evaluateSmall,
  smallCircuits,
  smallNetwork,
  smallParameters,
  writeSmallKeys,
} from '../support/ckks-key-set.js';
import { randomImage } from '../support/random-network.js';
import { describeForPython } from './description.js';

const python = process.env.PYTHON || 'python3';
const hasNumpy = spawnSync(python, ['-c', 'import numpy']).status === 0;

// With CI=true a missing Python is a failure, not a skip.
describe.skipIf(!hasNumpy && process.env.CI !== 'true')('decrypt.py reads what the engine writes', () => {
  const count = 4;
  const images = Array.from({ length: count }, (_, index) => randomImage(smallNetwork, 70 + index));
  const circuit = smallCircuits.circuitFor(count);
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-'));
    await writeSmallKeys(folder);
    const description = describeForPython(smallParameters, circuit);
    await writeFile(join(folder, 'description.json'), JSON.stringify(description));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What the program prints of payloads in a ciphertext file. */
  async function decryptWithPython(
    kind: 'input' | 'result',
    payloads: readonly Uint8Array[],
  ): Promise<Record<string, number[] & number[][]>> {
    const path = join(folder, `${kind}.fhe`);
    const header = { profile: 'params_test', planHash: '0', keySetId: '0', engine: 'ckks', libraryVersion: 'ckks 1' };
    await writeCiphertextFile(path, { kind, ...header, images: count }, payloads);
    const program = join(import.meta.dirname, 'decrypt.py');
    const output = execFileSync(
      python,
      [program, join(folder, 'description.json'), join(folder, 'secret/secret.key'), path],
      { maxBuffer: 2 ** 26 },
    );
    const results = JSON.parse(output.toString());
    expect(results).toHaveLength(1);
    return results[0];
  }

  test.each([
    ['secret', () => encryptSmall(folder, images)],
    ['public', () => encryptSmallPublicly(join(folder, 'public'), images)],
  ])('a request under the %s key', async (_, encrypt) => {
    const values = packImages(circuit, images)[0]!;
    const { real, imaginary } = await decryptWithPython('input', await encrypt());
    expect(largestDifference(real!, [...values.real])).toBeLessThan(1e-6);
    expect(largestDifference(imaginary!, [...values.imaginary!])).toBeLessThan(1e-6);
  });

  test('an answer: the same scores', async () => {
    const answer = await evaluateSmall(join(folder, 'evaluation'), await encryptSmall(folder, images), count);
    const expected = await decryptSmall(folder, answer, count);
    const { scores } = await decryptWithPython('result', answer);
    expect(scores).toHaveLength(count);
    for (const [index, of] of expected.entries()) {
      expect(largestDifference(scores![index]!, of)).toBeLessThan(1e-9);
    }
  });
});

function largestDifference(left: readonly number[], right: readonly number[]): number {
  expect(left).toHaveLength(right.length);
  return Math.max(...left.map((value, index) => Math.abs(value - right[index]!)));
}
