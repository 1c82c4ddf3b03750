import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRequirements } from '../../circuit/circuit.js';
import { FheError } from '../../errors.js';
import type { KeyFile } from '../../store/key-file.js';
import type { KeyFolder } from '../../store/key-set.js';
import { readListedFile } from '../../store/listed-file.js';
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
  const sha256 = await writeJson(join(folder, 'secret'), { keySet });
  await writeJson(join(folder, 'public'), { keySet });
  await writeJson(join(folder, 'evaluation'), {
    keySet,
    rotations,
    relinearization: any((keys) => keys.relinearization),
    conjugation: any((keys) => keys.conjugation),
    bootstrap: any((keys) => keys.bootstrap),
  });
  return [
    { path: `secret/${fileName}`, kind: 'secret', sha256 },
    { path: `public/${fileName}`, kind: 'public' },
    { path: `evaluation/${fileName}`, kind: 'context', rotations },
  ];
}

/**
 * The key set that a secret or public side belongs to. Throws ERR_KEY_MISSING without the file, ERR_KEY_CORRUPT when it
 * is not what writeKeyFiles wrote.
 */
export async function readKeySet(keys: KeyFolder): Promise<string> {
  const { keySet } = await readJson(keys);
  return text(keySet, keys);
}

/** Of an evaluation side. Throws as readKeySet. */
export async function readKeys(keys: KeyFolder): Promise<SimulatedKeys> {
  const { keySet, rotations, relinearization, conjugation, bootstrap } = await readJson(keys);
  if (!Array.isArray(rotations) || !rotations.every((rotation) => Number.isInteger(rotation))) {
    throw corrupt(keys);
  }
  return {
    keySet: text(keySet, keys),
    rotations: new Set<number>(rotations),
    relinearization: relinearization === true,
    conjugation: conjugation === true,
    bootstrap: bootstrap === true,
  };
}

/** Returns the SHA-256 of what it writes. */
async function writeJson(folder: string, value: unknown): Promise<string> {
  const content = `${JSON.stringify(value)}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, fileName), content);
  return createHash('sha256').update(content).digest('hex');
}

async function readJson(keys: KeyFolder): Promise<Readonly<Record<string, unknown>>> {
  const content = await readListedFile(keys, fileName);
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    if (typeof value === 'object' && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw corrupt(keys, cause);
  }
  throw corrupt(keys);
}

function text(value: unknown, keys: KeyFolder): string {
  if (typeof value !== 'string') {
    throw corrupt(keys);
  }
  return value;
}

function corrupt(keys: KeyFolder, cause?: unknown): FheError {
  const path = join(keys.folder, fileName);
  return new FheError('ERR_KEY_CORRUPT', `${path}: not a key file of the simulator`, { cause });
}
