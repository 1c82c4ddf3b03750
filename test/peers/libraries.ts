import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { KeyRequirements } from '../../src/circuit/circuit.js';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import type { Ciphertext } from '../../src/engine/engine.js';
import type { CkksParameters } from '../../src/scheme/parameters.js';
import { sideOf } from '../support/key-sides.js';

/** What the libraries compute from: vectors as long as the slots, and by how much they rotate. */
export interface Vectors {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly rotations: readonly number[];
}

/** The squares of the values, their products with the weights, and the rotated values by rotation. */
export interface Results {
  readonly square: ArrayLike<number>;
  readonly product: ArrayLike<number>;
  readonly rotations: Readonly<Record<string, ArrayLike<number>>>;
}

/** What a program of bench/peers prints. */
export interface PeerReport {
  readonly library: string;
  readonly ringDimension: number;
  readonly specialPrimes: number;
  readonly scaleBits: number;
  readonly results: Results;
}

const script = resolve(import.meta.dirname, '../../scripts/peers.mjs');

/** Why a peer cannot be built here; undefined where it can. */
export function missingForPeer(name: string): string | undefined {
  const { status, stdout } = spawnSync(process.execPath, [script, name, '--check'], { encoding: 'utf8' });
  return status === 0 ? undefined : stdout.trim();
}

export async function computeByPeer(name: string, { values, weights, rotations }: Vectors): Promise<PeerReport> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'vectors.json');
    await writeFile(file, JSON.stringify({ values: [...values], weights: [...weights], rotations }));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [script, name, '--vectors', file], { maxBuffer: 1e9 });
    return JSON.parse(stdout) as PeerReport;
  });
}

/** By this project's ckks engine at the top level, with fresh ciphertexts of the scales given. */
export async function computeHere(
  parameters: CkksParameters,
  { values, weights, rotations }: Vectors,
  scales: { readonly square: number; readonly product: number },
): Promise<Results> {
  const engine = await openCkksEngine(parameters);
  const level = engine.maximumLevel;
  const keys: KeyRequirements = { rotations, relinearization: true, conjugation: false, bootstrap: false, level };
  return inTemporaryFolder(async (folder) => {
    for (const part of ['secret', 'public', 'evaluation']) {
      await mkdir(join(folder, part));
    }
    await engine.generateKeys(folder, { stages: [{ name: 'all', keys }] }, {});
    const client = await engine.openClient(await sideOf(folder, 'secret'));
    const evaluator = await engine.openEvaluator(await sideOf(folder, 'evaluation'), {});
    await evaluator.enterStage('all', keys);
    const encrypt = async (scale: number) =>
      evaluator.readCiphertext(await client.encrypt({ real: values }, level, scale));
    const decrypt = async (ciphertext: Ciphertext) =>
      (await client.decrypt(await evaluator.writeCiphertext(ciphertext, { result: false }))).real;
    try {
      const square = await decrypt(await evaluator.square(await encrypt(scales.square), false));
      const input = await encrypt(scales.product);
      const product = await decrypt(await evaluator.multiplyPlain(input, { real: weights }));
      const rotated: Record<string, Float64Array> = {};
      for (const step of rotations) {
        rotated[step] = await decrypt(await evaluator.rotate(input, step));
      }
      return { square, product, rotations: rotated };
    } finally {
      evaluator.dispose();
      client.dispose();
      engine.dispose();
    }
  });
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-peers-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
