import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRequirements } from '../../circuit/circuit.js';
import { FheError } from '../../errors.js';
import type { KeyFile } from '../../store/key-file.js';
import type { KeyPlan } from '../engine.js';

const fileName = 'simulator.json';

/** What the simulator keeps in place of evaluation keys: which ones there would be. */
export interface SimulatedKeys {
  readonly keySet: string;
  readonly rotations: ReadonlySet<number>;
  readonly relinearization: boolean;
  readonly conjugation: boolean;
  readonly bootstrap: boolean;
}

export async function writeKeyFiles(folder: string, plan: KeyPlan): Promise<KeyFile[]> {
  const keySet = randomUUID();
  const stages = plan.stages.map((stage) => stage.keys);
  const rotations = [...new Set(stages.flatMap((keys) => keys.rotations))].sort((left, right) => left - right);
  const any = (has: (keys: KeyRequirements) => boolean): boolean => stages.some(has);
  await writeJson(join(folder, 'secret'), { keySet });
  await writeJson(join(folder, 'public'), { keySet });
  await writeJson(join(folder, 'evaluation'), {
    keySet,
    rotations,
    relinearization: any((keys) => keys.relinearization),
    conjugation: any((keys) => keys.conjugation),
    bootstrap: any((keys) => keys.bootstrap),
  });
  return [
    { path: `secret/${fileName}`, kind: 'secret' },
    { path: `public/${fileName}`, kind: 'public' },
    { path: `evaluation/${fileName}`, kind: 'context', rotations },
  ];
}

/**
 * The key set that a secret or public folder belongs to. Throws ERR_KEY_MISSING without the file, ERR_KEY_CORRUPT when it
 * is not what writeKeyFiles wrote.
 */
export async function readKeySet(folder: string): Promise<string> {
  const { keySet } = await readJson(folder);
  return text(keySet, folder);
}

/** `folder` is the evaluation folder itself. Throws as readKeySet. */
export async function readKeys(folder: string): Promise<SimulatedKeys> {
  const { keySet, rotations, relinearization, conjugation, bootstrap } = await readJson(folder);
  if (!Array.isArray(rotations) || !rotations.every((rotation) => Number.isInteger(rotation))) {
    throw corrupt(folder);
  }
  return {
    keySet: text(keySet, folder),
    rotations: new Set<number>(rotations),
    relinearization: relinearization === true,
    conjugation: conjugation === true,
    bootstrap: bootstrap === true,
  };
}

async function writeJson(folder: string, value: unknown): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, fileName), `${JSON.stringify(value)}\n`);
}

async function readJson(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const path = join(folder, fileName);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    throw new FheError('ERR_KEY_MISSING', `${path}: no such key file of the simulator`, { cause });
  }
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: not a key file of the simulator`, { cause });
  }
  throw corrupt(folder);
}

function text(value: unknown, folder: string): string {
  if (typeof value !== 'string') {
    throw corrupt(folder);
  }
  return value;
}

function corrupt(folder: string): FheError {
  return new FheError('ERR_KEY_CORRUPT', `${join(folder, fileName)}: not a key file of the simulator`);
}
