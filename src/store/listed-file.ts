import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FheError } from '../errors.js';
import { readError } from './file-error.js';
import type { KeyFolder } from './key-set.js';
import type { ManifestFile } from './manifest.js';
import { mending } from './mending.js';

/** A file of one side of a key set, to be opened once and compared with its SHA-256. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The file of this name in a side's manifest. Throws ERR_KEY_CORRUPT where it lists none. */
export function listedFile(keys: KeyFolder, name: string): ListedFile {
  const file = keys.manifest.files.find(({ path }) => path === name);
  if (file === undefined) {
    const found = `no file ${name} among the ${keys.manifest.side} keys`;
    throw new FheError('ERR_KEY_CORRUPT', `${keys.folder}: ${found}; ${mending(keys.folder, keys.manifest)}`);
  }
  return located(keys, file);
}

/** All files of a side's manifest. */
export function listedFiles(keys: KeyFolder): ListedFile[] {
  return keys.manifest.files.map((file) => located(keys, file));
}

/**
 * Reads a small file that is no secret whole. Throws ERR_KEY_MISSING, and ERR_KEY_CORRUPT unless the manifest lists it
 * with the SHA-256 of the bytes read.
 */
export async function readListedFile(keys: KeyFolder, name: string): Promise<Buffer> {
  const { path, sha256 } = listedFile(keys, name);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw readError(cause, path);
    }
    throw withMending(new FheError('ERR_KEY_MISSING', `${path}: no such file`, { cause }), keys);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw withMending(new FheError('ERR_KEY_CORRUPT', `${path}: SHA-256 must be ${sha256}, found ${found}`), keys);
  }
  return bytes;
}

/** An error in opening keys, with what to do where they are missing or damaged. */
export function withMending(error: unknown, keys: KeyFolder): unknown {
  if (error instanceof FheError && (error.code === 'ERR_KEY_CORRUPT' || error.code === 'ERR_KEY_MISSING')) {
    const { cause } = error;
    return new FheError(error.code, `${error.message}; ${mending(keys.folder, keys.manifest)}`, { cause });
  }
  return error;
}

function located(keys: KeyFolder, { path, bytes, sha256 }: ManifestFile): ListedFile {
  return { path: join(keys.folder, path), bytes, sha256 };
}
