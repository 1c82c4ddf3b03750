import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatBytes } from '../byte-size.js';
import { FheError } from '../errors.js';
import { shellQuoted } from '../shell-quote.js';
import { syncPath } from './atomic-file.js';
import { writeError } from './file-error.js';
import { hashFile, type StoreOptions } from './hash.js';
import type { KeyFile } from './key-file.js';
import { type KeySet, openKeySet } from './key-set.js';
import { keepInUse, removeLeftovers, temporarySibling, temporarySiblings } from './leftovers.js';
import {
  isPlainName,
  type KeySetIdentity,
  type KeySide,
  keySides,
  type ManifestFile,
  manifestFormat,
  writeManifest,
} from './manifest.js';
import { isMountPoint, realPlace } from './place.js';

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
 * there is never a part of one. Leftovers of earlier interrupted runs are removed first, and two runs don't make the same
 * set at once. Of a set that fails, nothing stays, also when the process exits meanwhile.
 * Throws ERR_FILE when the folder is taken, can't be replaced or can't be kept private, ERR_DISK_FULL, ERR_CANCELLED, and
 * what `generate` throws.
 */
export async function createKeySet(options: CreateKeySetOptions): Promise<KeySet> {
  const folder = await realPlace(options.folder);
  await makeParent(folder);
  await removeLeftovers(folder);
  const temporary = await claim(folder);
  const removeNow = (): void => rmSync(temporary, { recursive: true, force: true });
  process.on('exit', removeNow);
  using _ = keepInUse(temporary);
  try {
    await checkPlace(folder, options.force === true);
    await checkFreeSpace(dirname(folder), options.expectedBytes);
    await makeSides(temporary, folder);
    const files = await options.generate(temporary);
    await sealKeySet(temporary, files, options);
    await moveIntoPlace(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw isSystemError(cause) ? writeError(cause, folder, options.expectedBytes) : cause;
  } finally {
    process.off('exit', removeNow);
  }
  return openKeySet(resolve(options.folder));
}

const claimAttempts = 10;

/**
 * Makes the temporary folder and with it keeps other runs from making the same set. Every run makes its folder before it
 * looks for those of others, so that of two at least one sees the other; it steps back, and tries again a little later in
 * case both did. Throws ERR_FILE when another run stays.
 */
async function claim(folder: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const temporary = temporarySibling(folder, 'partial');
    try {
      await mkdir(temporary);
    } catch (cause) {
      throw writeError(cause, dirname(folder), undefined);
    }
    const others = await temporarySiblings(folder);
    const other = others.find(({ path, kind, inUse }) => kind === 'partial' && inUse && path !== temporary);
    if (other === undefined) {
      return temporary;
    }
    await rmdir(temporary);
    if (attempt === claimAttempts) {
      throw new FheError(
        'ERR_FILE',
        `${folder}: another run is making this key set, in ${other.path}; wait until it has ended, or where none runs any more remove that folder`,
      );
    }
    await setTimeout(50 + 200 * Math.random());
  }
}

/** Throws ERR_FILE where the file system lets others read what is to be secret, before there is a secret. */
async function makeSides(temporary: string, folder: string): Promise<void> {
  for (const side of keySides) {
    await mkdir(join(temporary, side), { mode: side === 'secret' ? 0o700 : 0o777 });
  }
  const { mode } = await stat(join(temporary, 'secret'));
  if ((mode & 0o077) !== 0) {
    throw new FheError(
      'ERR_FILE',
      `${dirname(folder)}: this file system keeps no permissions, so that others could read the secret key; ` +
        'name a folder on another one with --out, or set RESNET20_FHE_KEYS to one',
    );
  }
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
  if (entries === undefined) {
    return;
  }
  if (await isMountPoint(folder)) {
    throw new FheError(
      'ERR_FILE',
      `${folder}: a disk or volume is mounted here, and a set's folder must be renamed into its place; ` +
        `name a folder in it: --out ${shellQuoted(join(folder, 'keys'))}`,
    );
  }
  if (entries.length === 0) {
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
  // Who may look into the folders of the other sides, by the umask, may read their files, whichever engine wrote them.
  const sharedMode = (await stat(join(folder, 'public'))).mode & 0o666;
  const listed: Record<KeySide, ManifestFile[]> = { secret: [], public: [], evaluation: [] };
  for (const [index, file] of files.entries()) {
    const { side, name } = splitPath(file);
    const path = join(folder, file.path);
    await chmod(path, side === 'secret' ? 0o600 : sharedMode);
    const onBytes = (count: number) => {
      done += count;
      options.progress?.({ text: `hashing ${name}`, done, total });
    };
    const sha256 = file.sha256 ?? (await hashFile(path, onBytes, options.signal));
    await syncPath(path);
    const { kind, rotations, stages } = file;
    listed[side].push({ path: name, kind, bytes: sizes[index] ?? 0, sha256, rotations, stages });
  }
  for (const side of keySides) {
    const manifest = { format: manifestFormat, side, ...options.identity, keySetId, files: listed[side] } as const;
    await writeManifest(join(folder, side), manifest, side === 'secret' ? 0o600 : 0o644);
  }
  // Of the folders themselves, so that the set has all of its entries when it appears under its name.
  for (const entry of [...keySides.map((side) => join(folder, side)), folder]) {
    await syncPath(entry);
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
  if (side === 'secret' && file.sha256 === undefined) {
    throw new Error(`key generation did not hash ${file.path}, which nobody else may read`);
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
