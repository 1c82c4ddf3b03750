import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FheError } from '../errors.js';
import { hashFile, type StoreOptions } from './hash.js';
import {
  type KeySetIdentity,
  type KeySide,
  type Manifest,
  manifestName,
  mendingCommand,
  readManifest,
} from './manifest.js';

/** One side of a key set, opened: its manifest is checked and its files are there with the right size. */
export interface KeyFolder {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Of all key files. */
  readonly bytes: number;
}

export interface KeySet {
  readonly folder: string;
  readonly secret: KeyFolder;
  /** Undefined in sets that were made before there were public keys. */
  readonly public: KeyFolder | undefined;
  readonly evaluation: KeyFolder;
}

/** What a program that opens keys requires of them; fields that are absent are not compared. */
export type ExpectedKeys = Partial<Omit<KeySetIdentity, 'program'> & { readonly keySetId: string }>;

/**
 * Opens all sides of a set. Throws as `openSecretKeys` and `openPublicKeys`, and ERR_KEY_MISMATCH when the sides are of
 * different sets.
 */
export async function openKeySet(folder: string, expected: ExpectedKeys = {}): Promise<KeySet> {
  const secret = await openSecretKeys(folder, expected);
  const hasPublic = await exists(join(folder, 'public'));
  const set = {
    folder,
    secret,
    public: hasPublic ? await openKeyFolder(join(folder, 'public'), 'public', expected) : undefined,
    evaluation: await openKeyFolder(join(folder, 'evaluation'), 'evaluation', expected),
  };
  for (const side of ['public', 'evaluation'] as const) {
    const { keySetId } = set[side]?.manifest ?? secret.manifest;
    if (keySetId !== secret.manifest.keySetId) {
      throw new FheError(
        'ERR_KEY_MISMATCH',
        `${folder}: secret and ${side} keys are of different key sets (${secret.manifest.keySetId} and ${keySetId}); ` +
          `run ${mendingCommand(secret.manifest.profile)}`,
      );
    }
  }
  return set;
}

/** Whether the set has a secret key that this process may look at. */
export function hasSecretKeys(folder: string): Promise<boolean> {
  return exists(join(folder, 'secret', manifestName));
}

/**
 * Opens `<folder>/secret`. Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH (profile, plan, engine or set), ERR_KEY_VERSION
 * (format or library version), ERR_KEY_CORRUPT (manifest or sizes), or ERR_FILE when others than its owner may use it.
 */
export async function openSecretKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  const keys = await openKeyFolder(join(folder, 'secret'), 'secret', expected);
  await checkPrivate(keys);
  return keys;
}

/**
 * Opens a set's public key, given the set's folder or `<set>/public` alone, which is all that others have. Nothing else
 * is looked at. Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH, ERR_KEY_VERSION, ERR_KEY_CORRUPT.
 */
export async function openPublicKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  const alone = await exists(join(folder, manifestName));
  if (!alone && !(await exists(join(folder, 'public')))) {
    throw new FheError(
      'ERR_KEY_MISSING',
      `${join(folder, 'public')}: no such folder, so no public key here; run resnet20-fhe generate-keys`,
    );
  }
  return openKeyFolder(alone ? folder : join(folder, 'public'), 'public', expected);
}

/**
 * Opens a set's evaluation keys, given the set's folder or `<set>/evaluation` alone, which is all that a server has.
 * Nothing else is looked at. Throws as `openSecretKeys`.
 */
export async function openEvaluationKeys(folder: string, expected: ExpectedKeys = {}): Promise<KeyFolder> {
  const alone = await exists(join(folder, manifestName));
  return openKeyFolder(alone ? folder : join(folder, 'evaluation'), 'evaluation', expected);
}

/** Compares every file's SHA-256 with the manifest's. Throws ERR_KEY_CORRUPT naming the file, or ERR_CANCELLED. */
export async function verifyKeys(keys: KeyFolder, options: StoreOptions = {}): Promise<void> {
  let done = 0;
  for (const file of keys.manifest.files) {
    const path = join(keys.folder, file.path);
    const found = await hashFile(
      path,
      (count) => {
        done += count;
        options.progress?.({ text: `verifying ${file.path}`, done, total: keys.bytes });
      },
      options.signal,
    );
    if (found !== file.sha256) {
      throw new FheError(
        'ERR_KEY_CORRUPT',
        `${path}: SHA-256 must be ${file.sha256}, found ${found}; run ${mendingCommand(keys.manifest.profile)}`,
      );
    }
  }
}

async function openKeyFolder(folder: string, side: KeySide, expected: ExpectedKeys): Promise<KeyFolder> {
  const manifest = await readManifest(folder, side);
  checkExpected(folder, manifest, expected);
  const listed = new Set([manifestName, ...manifest.files.map((file) => file.path)]);
  const unlisted = (await readdir(folder)).find((name) => !name.startsWith('.') && !listed.has(name));
  if (unlisted !== undefined) {
    throw new FheError('ERR_KEY_CORRUPT', `${join(folder, unlisted)}: not in ${manifestName}; remove it`);
  }
  let bytes = 0;
  for (const file of manifest.files) {
    await checkFile(join(folder, file.path), file.bytes, manifest.profile);
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
          `make new keys, or run chmod -R go= ${keys.folder}`,
      );
    }
  }
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
      throw new FheError(
        code,
        `${join(folder, manifestName)}: keys for ${text} ${wanted} are needed, found ${manifest[field]}; ` +
          `run ${mendingCommand(expected.profile ?? manifest.profile)}`,
      );
    }
  }
}

async function checkFile(path: string, bytes: number, profile: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new FheError('ERR_KEY_MISSING', `${path}: no such file; run ${mendingCommand(profile)}`);
  }
  if (found.size !== bytes) {
    throw new FheError(
      'ERR_KEY_CORRUPT',
      `${path}: must have ${bytes} bytes, found ${found.size}; run ${mendingCommand(profile)}`,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
