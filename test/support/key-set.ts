import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KeyRequirements } from '../../src/circuit/circuit.js';
import type { Client, Engine, Evaluator, KeyPlan } from '../../src/engine/engine.js';
import type { KeyFile } from '../../src/store/key-file.js';
import { sideOf } from '../support/key-sides.js';

/** A key set on disk, with both sides open. */
export interface OpenKeySet {
  readonly folder: string;
  readonly files: readonly KeyFile[];
  readonly client: Client;
  readonly evaluator: Evaluator;
  dispose(): Promise<void>;
}

export async function makeKeySet(engine: Engine, plan: KeyPlan): Promise<OpenKeySet> {
  const folder = await mkdtemp(path.join(tmpdir(), 'resnet20-fhe-keys-'));
  await mkdir(path.join(folder, 'secret'), { mode: 0o700 });
  await mkdir(path.join(folder, 'public'));
  await mkdir(path.join(folder, 'evaluation'));
  const files = await engine.generateKeys(folder, plan, {});
  const client = await engine.openClient(await sideOf(folder, 'secret'));
  const evaluator = await engine.openEvaluator(await sideOf(folder, 'evaluation'), {});
  return {
    folder,
    files,
    client,
    evaluator,
    async dispose() {
      client.dispose();
      evaluator.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function requirements(changes: Partial<KeyRequirements>): KeyRequirements {
  return { rotations: [], relinearization: false, conjugation: false, bootstrap: false, level: 1, ...changes };
}
