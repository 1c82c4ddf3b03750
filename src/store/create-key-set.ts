import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatBytes } from '../byte-size.js';
import { FheError } from '../errors.js';
import { syncPath } from './atomic-file.js';
import { writeError } from './file-error.js';
import { hashFile, type StoreOptions } from './hash.js';
import type { KeyFile } from './key-file.js';
import { type KeySet, openKeySet } from './key-set.js';
import { removeLeftovers, temporarySibling } from './leftovers.js';
import {
  isPlainName,
  type KeySetIdentity,
  type KeySide,
  keySides,
  type ManifestFile,
  manifestFormat,
  writeManifest,
} from './manifest.js';

export interface CreateKeySetOptions extends StoreOptions {
  /** The set's folder; its parents are made. */
  readonly folder: string;
  readonly identity: KeySetIdentity;
  /** Replace a set that is already there. The old one stays until the new one is complete. */
  readonly force?: boolean | undefined;
  /** What the keys will take; compared with the free space before anything is written. */
  readonly expectedBytes?: number | undefined;
  /** Writes keys into each of `<folder>/secret`, `<folder>/public` and `<folder>/evaluation`, which are there and empty. */
  readonly generate: (folder: string) => Promise<readonly KeyFile[]>;
}

/**
 * Makes a key set: generated in a hidden folder beside its place, hashed, synced and renamed, so that under its name
 * there is never a part of one. Leftovers of earlier interrupted runs are removed first.
 * Throws ERR_FILE when the folder is taken, ERR_DISK_FULL, ERR_CANCELLED, and what `generate` throws.
 */
export async function createKeySet(options: CreateKeySetOptions): Promise<KeySet> {
  const folder = resolve(options.folder);
  await makeParent(folder);
  await removeLeftovers(folder);
  await checkPlace(folder, options.force === true);
  await checkFreeSpace(dirname(folder), options.expectedBytes);

  const temporary = temporarySibling(folder, 'partial');
  try {
    await mkdir(temporary);
    for (const side of keySides) {
      await mkdir(join(temporary, side), { mode: side === 'secret' ? 0o700 : 0o777 });
    }
    const files = await options.generate(temporary);
    await sealKeySet(temporary, files, options);
    await moveIntoPlace(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw isSystemError(cause) ? writeError(cause, folder, options.expectedBytes) : cause;
  }
  return openKeySet(folder);
}

async function makeParent(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new FheError('ERR_FILE', `${dirname(folder)}: expected a folder for the key set, found a file`, { cause });
    }
    throw writeError(cause, dirname(folder), undefined);
  }
}

async function checkPlace(folder: string, force: boolean): Promise<void> {
  const entries = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') {
      return undefined;
    }
    throw new FheError('ERR_FILE', `${folder}: expected a folder or nothing (${cause.code})`, { cause });
  });
  if (entries === undefined || entries.length === 0) {
    return;
  }
  const isKeySet = entries.every((name) => isSide(name) || name.startsWith('.'));
  if (!isKeySet) {
    throw new FheError('ERR_FILE', `${folder}: the folder holds something other than a key set; name another folder`);
  }
  if (!force) {
    throw new FheError('ERR_FILE', `${folder}: there is a key set already; --force replaces it`);
  }
}

async function checkFreeSpace(folder: string, expectedBytes: number | undefined): Promise<void> {
  if (expectedBytes === undefined) {
    return;
  }
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < expectedBytes) {
    throw new FheError(
      'ERR_DISK_FULL',
      `${folder}: the keys need ${formatBytes(expectedBytes)}, found ${formatBytes(bavail * bsize)} free`,
    );
  }
}

/** Hashes and syncs every file, sets permissions and writes the manifests. */
async function sealKeySet(folder: string, files: readonly KeyFile[], options: CreateKeySetOptions): Promise<void> {
  const keySetId = randomBytes(16).toString('hex');
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file.path))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  const listed: Record<KeySide, ManifestFile[]> = { secret: [], public: [], evaluation: [] };
  for (const [index, file] of files.entries()) {
    const { side, name } = splitPath(file);
    const path = join(folder, file.path);
    if (side === 'secret') {
      await chmod(path, 0o600);
    }
    const onBytes = (count: number) => {
      done += count;
      options.progress?.({ text: `hashing ${name}`, done, total });
    };
    const sha256 = await hashFile(path, onBytes, options.signal);
    await syncPath(path);
    const { kind, rotations, stages } = file;
    listed[side].push({ path: name, kind, bytes: sizes[index] ?? 0, sha256, rotations, stages });
  }
  for (const side of keySides) {
    const manifest = { format: manifestFormat, side, ...options.identity, keySetId, files: listed[side] } as const;
    await writeManifest(join(folder, side), manifest, side === 'secret' ? 0o600 : 0o644);
  }
}

function splitPath(file: KeyFile): { side: KeySide; name: string } {
  const [side, name, ...rest] = file.path.split('/');
  if (side === undefined || !isSide(side) || name === undefined || rest.length > 0 || !isPlainName(name)) {
    throw new Error(`key generation listed ${file.path}, expected secret/NAME, public/NAME or evaluation/NAME`);
  }
  if (file.kind === 'secret' && side !== 'secret') {
    throw new Error(`key generation put a secret key in ${file.path}`);
  }
  return { side, name };
}

function isSide(name: string): name is KeySide {
  return keySides.some((side) => side === name);
}

/** An old set is moved aside first: a folder can't be renamed onto one that is not empty. */
async function moveIntoPlace(temporary: string, folder: string): Promise<void> {
  const replaced = temporarySibling(folder, 'replaced');
  const moved = await rename(folder, replaced).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, folder);
  } catch (cause) {
    if (moved) {
      await rename(replaced, folder);
    }
    throw cause;
  }
  await syncPath(dirname(folder));
  await rm(replaced, { recursive: true, force: true });
}

/** An error of the operating system, such as ENOSPC; those of Node and of this program have codes that begin ERR_. */
function isSystemError(cause: unknown): boolean {
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' && /^E(?!RR_)/.test(code);
}
