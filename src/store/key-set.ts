import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FheError } from '../errors.js';
import { shellQuoted } from '../shell-quote.js';
import { shown } from '../shown-text.js';
import { readError } from './file-error.js';
import { type KeySetIdentity, type KeySide, keySides, type Manifest, manifestName, readManifest } from './manifest.js';
import { mending } from './mending.js';

/**
 * One side of a key set: its manifest is checked and its files are there with the right size. Who reads a file compares
 * the bytes that it reads with the manifest's SHA-256, and opens no file that the manifest does not list.
 */
export interface KeyFolder {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Of all key files. */
  readonly bytes: number;
}

/** What of a key set is on this machine; a side is undefined where it is not. */
export interface KeySides {
  readonly folder: string;
  readonly secret: KeyFolder | undefined;
  readonly public: KeyFolder | undefined;
  readonly evaluation: KeyFolder | undefined;
}

/** A key set that can do everything. Sets that were made before there were public keys have none. */
export interface KeySet extends KeySides {
  readonly secret: KeyFolder;
  readonly evaluation: KeyFolder;
}

/** What a program that opens keys requires of them; fields that are absent are not compared. */
export type ExpectedKeys = Partial<Omit<KeySetIdentity, 'program'> & { readonly keySetId: string }>;

/**
 * Opens a set with its secret and evaluation keys, and its public key where it has one. Throws as `openKeySides`, and
 * ERR_KEY_MISSING for a side that is not there.
 */
export async function openKeySet(folder: string, expected: ExpectedKeys = {}): Promise<KeySet> {
  const { secret, evaluation, ...sides } = await openKeySides(folder, expected);
  if (secret === undefined || evaluation === undefined) {
    throw await missingKeys(folder, secret === undefined ? 'secret' : 'evaluation');
  }
  return { ...sides, secret, evaluation };
}

/**
 * Opens the sides that there are of a set, given its folder or, of what others were given, `<set>/public` or
 * `<set>/evaluation` alone. Throws ERR_KEY_MISSING where there is none, ERR_KEY_MISMATCH when the sides are of different
 * sets, and as `openSecretKeys`.
 */
export async function openKeySides(folder: string, expected: ExpectedKeys = {}): Promise<KeySides> {
  const present = await presentSides(folder);
  if (present.length === 0) {
    throw await missingKeys(folder, 'secret');
  }
  const sides = {
    folder,
    secret: present.includes('secret') ? await openSecretKeys(folder, expected) : undefined,
    public: present.includes('public') ? await openPublicKeys(folder, expected) : undefined,
    evaluation: present.includes('evaluation') ? await openEvaluationKeys(folder, expected) : undefined,
  };
  const [first, ...others] = openedFolders(sides).map(({ manifest }) => manifest);
  for (const other of others) {
    if (first !== undefined && other.keySetId !== first.keySetId) {
      throw new FheError(
        'ERR_KEY_MISMATCH',
        `${folder}: ${first.side} and ${other.side} keys are of different key sets (${first.keySetId} and ${other.keySetId}); ` +
          mending(join(folder, other.side), first),
      );
    }
  }
  return sides;
}

/** The sides that there are, as folders: secret, public, evaluation. */
export function openedFolders(sides: KeySides): readonly KeyFolder[] {
  return keySides.map((side) => sides[side]).filter((folder) => folder !== undefined);
}

/** Whether the set has a secret key that this process may look at. */
export async function hasSecretKeys(folder: string): Promise<boolean> {
  return exists(join(folder, 'secret', manifestName)).catch(() => false);
}

/**
 * Opens `<folder>/secret`. Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH (profile, plan, engine or set), ERR_KEY_VERSION
 * (format or library version), ERR_KEY_CORRUPT (manifest or sizes), or ERR_FILE when others than its owner may use it.
 */
export async function openSecretKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  const keys = await openKeyFolder(await folderOf(folder, 'secret'), 'secret', expected);
  await checkPrivate(keys);
  return keys;
}

/**
 * Opens a set's public key, given the set's folder or `<set>/public` alone, which is all that others have. Nothing else
 * is looked at. Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH, ERR_KEY_VERSION, ERR_KEY_CORRUPT.
 */
export async function openPublicKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  return openKeyFolder(await folderOf(folder, 'public'), 'public', expected);
}

/**
 * Opens a set's evaluation keys, given the set's folder or `<set>/evaluation` alone, which is all that a server has.
 * Nothing else is looked at. Throws as `openSecretKeys`.
 */
export async function openEvaluationKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  return openKeyFolder(await folderOf(folder, 'evaluation'), 'evaluation', expected);
}

/** Folder of a side, given the set's or, where the side may be alone, its own. Throws ERR_KEY_MISSING. */
async function folderOf(folder: string, side: KeySide): Promise<string> {
  if (side !== 'secret' && (await exists(join(folder, manifestName)))) {
    return folder;
  }
  if (!(await exists(join(folder, side)))) {
    throw await missingKeys(folder, side);
  }
  return join(folder, side);
}

/** The sides in a set's folder, or the one whose own folder this is. */
async function presentSides(folder: string): Promise<readonly KeySide[]> {
  if (await exists(join(folder, manifestName))) {
    return [(await readManifest(folder)).side];
  }
  const present = await Promise.all(keySides.map((side) => exists(join(folder, side))));
  return keySides.filter((_, index) => present[index]);
}

/** Says what was found in the place of a set's keys, and what to do about it. */
async function missingKeys(folder: string, side: KeySide): Promise<FheError> {
  const present = await presentSides(folder);
  if (present.length === 0) {
    const found = `expected a key set (${keySides.join(', ')}), found no keys`;
    return new FheError('ERR_KEY_MISSING', `${folder}: ${found}; run resnet20-fhe generate-keys`);
  }
  if ((await exists(join(folder, manifestName))) && (await exists(join(dirname(folder), side)))) {
    const found = `expected the folder of a key set, found that of its ${present.join()} keys`;
    return new FheError('ERR_KEY_MISSING', `${folder}: ${found}; name ${shellQuoted(dirname(folder))}`);
  }
  const found = `${folder}: expected ${side} keys, found ${present.join(' and ')} keys only`;
  if (!present.includes('secret')) {
    return new FheError('ERR_KEY_MISSING', `${found}; whoever made the keys has them`);
  }
  return new FheError('ERR_KEY_MISSING', `${found}; ${mending(join(folder, side), await publicManifest(folder))}`);
}

/** What a set is for by a side that is no secret: who asks for another side's keys may be one who must not see it. */
async function publicManifest(folder: string): Promise<Manifest | undefined> {
  const sides = (await presentSides(folder)).filter((side) => side !== 'secret');
  return sides[0] === undefined ? undefined : readManifest(join(folder, sides[0]), sides[0]);
}

async function openKeyFolder(folder: string, side: KeySide, expected: ExpectedKeys): Promise<KeyFolder> {
  const manifest = await readManifest(folder, side);
  checkExpected(folder, manifest, expected);
  const listed = new Set([manifestName, ...manifest.files.map((file) => file.path)]);
  const unlisted = (await listFolder(folder)).find((name) => !name.startsWith('.') && !listed.has(name));
  if (unlisted !== undefined) {
    throw new FheError('ERR_KEY_CORRUPT', `${join(folder, unlisted)}: not in ${manifestName}; remove it`);
  }
  const mend = mending(folder, manifest);
  let bytes = 0;
  for (const file of manifest.files) {
    await checkFile(join(folder, file.path), file.bytes, mend);
    bytes += file.bytes;
  }
  return { folder, manifest, bytes };
}

/** Group and others must have no rights in the folder, nor, should it be moved or served otherwise, in its files. */
async function checkPrivate(keys: KeyFolder): Promise<void> {
  const files = keys.manifest.files.map((file) => join(keys.folder, file.path));
  for (const path of [keys.folder, ...files]) {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new FheError(
        'ERR_FILE',
        `${path}: others may have read the secret key, its permissions are ${(mode & 0o777).toString(8)}; ` +
          `make new keys, or run chmod -R go= ${shellQuoted(keys.folder)}`,
      );
    }
  }
}

/** Throws ERR_KEY_MISMATCH or ERR_KEY_VERSION where opened keys are not those that are expected. */
export function requireKeys({ folder, manifest }: KeyFolder, expected: ExpectedKeys): void {
  checkExpected(folder, manifest, expected);
}

function checkExpected(folder: string, manifest: Manifest, expected: ExpectedKeys): void {
  const compared = [
    ['profile', 'ERR_KEY_MISMATCH', 'profile'],
    ['planHash', 'ERR_KEY_MISMATCH', 'plan'],
    ['engine', 'ERR_KEY_MISMATCH', 'engine'],
    ['libraryVersion', 'ERR_KEY_VERSION', 'library version'],
    ['keySetId', 'ERR_KEY_MISMATCH', 'key set'],
  ] as const;
  for (const [field, code, text] of compared) {
    const wanted = expected[field];
    if (wanted !== undefined && manifest[field] !== wanted) {
      // Nothing is wrong with keys of another profile: they are not to be replaced.
      const command = field === 'profile' ? `run resnet20-fhe generate-keys ${wanted}` : mending(folder, manifest);
      throw new FheError(
        code,
        `${join(folder, manifestName)}: keys for ${text} ${wanted} are needed, found ${shown(manifest[field])}; ${command}`,
      );
    }
  }
}

async function checkFile(path: string, bytes: number, mend: string): Promise<void> {
  const found = await statOrNothing(path);
  if (found === undefined || !found.isFile()) {
    throw new FheError('ERR_KEY_MISSING', `${path}: no such file; ${mend}`);
  }
  if (found.size !== bytes) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: must have ${bytes} bytes, found ${found.size}; ${mend}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await statOrNothing(path)) !== undefined;
}

/** Undefined where nothing has the path. Throws ERR_FILE where that can't be found out. */
async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw readError(cause, path);
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw readError(cause, folder);
  }
}
