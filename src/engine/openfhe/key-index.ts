import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FheError } from '../../errors.js';
import type { KeyFolder } from '../../store/key-set.js';
import { readListedFile } from '../../store/listed-file.js';

/** One file of automorphism keys: rotations, bootstrapping's rotations and the conjugation are all automorphisms. */
export interface AutomorphismFile {
  /** Relative to the evaluation folder. */
  readonly file: string;
  readonly automorphisms: readonly number[];
  /** The highest level at which the keys serve. */
  readonly level: number;
}

/** What an evaluation folder holds, and whose it is. */
export interface KeyIndex {
  readonly keyTag: string;
  readonly relinearization: string;
  readonly automorphismFiles: readonly AutomorphismFile[];
}

export const keyIndexFile = 'openfhe.json';

export async function writeKeyIndex(evaluationFolder: string, index: KeyIndex): Promise<void> {
  await writeFile(path.join(evaluationFolder, keyIndexFile), `${JSON.stringify(index)}\n`);
}

/** Throws ERR_KEY_MISSING where there is no index and ERR_KEY_CORRUPT where it isn't one, or not the manifest's. */
export async function readKeyIndex(keys: KeyFolder): Promise<KeyIndex> {
  const file = path.join(keys.folder, keyIndexFile);
  const text = await readListedFile(keys, keyIndexFile);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw new FheError('ERR_KEY_CORRUPT', `${file}: not a key index`, { cause });
  }
  if (!isKeyIndex(parsed)) {
    throw new FheError('ERR_KEY_CORRUPT', `${file}: not a key index`);
  }
  return parsed;
}

function isKeyIndex(value: unknown): value is KeyIndex {
  const { keyTag, relinearization, automorphismFiles } = (value ?? {}) as Partial<Record<keyof KeyIndex, unknown>>;
  return (
    typeof keyTag === 'string' &&
    isFileName(relinearization) &&
    Array.isArray(automorphismFiles) &&
    automorphismFiles.every(
      (entry: Partial<Record<keyof AutomorphismFile, unknown>> | null) =>
        isFileName(entry?.file) &&
        Number.isInteger(entry?.level) &&
        Array.isArray(entry?.automorphisms) &&
        entry.automorphisms.every(Number.isInteger),
    )
  );
}

/** A name within the folder: an index must not lead elsewhere. */
function isFileName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && path.basename(value) === value && value !== '..';
}
