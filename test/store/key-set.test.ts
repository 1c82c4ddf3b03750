import { execFileSync } from 'node:child_process';
import { chmod, cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeySet } from '../../src/store/create-key-set.js';
import {
  hasSecretKeys,
  openEvaluationKeys,
  openKeySet,
  openKeySides,
  openPublicKeys,
  openSecretKeys,
} from '../../src/store/key-set.js';
import { listedFiles, readListedFile } from '../../src/store/listed-file.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { generate, identity } from '../support/stand-in-keys.js';

let folder: string;
let mend: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'keys', 'params_fast');
  mend = `run resnet20-fhe generate-keys params_fast --out ${folder} --force`;
});

const create = () => createKeySet({ folder, identity, generate });

async function editManifest(side: 'secret' | 'evaluation', change: Record<string, unknown>): Promise<string> {
  const path = join(folder, side, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
  return path;
}

describe('opening', () => {
  test('nothing there', async () => {
    for (const open of [openKeySet, openKeySides, openSecretKeys, openPublicKeys, openEvaluationKeys]) {
      expect(await describeError(() => open(folder))).toBe(
        `ERR_KEY_MISSING ${folder}: expected a key set (secret, public, evaluation), found no keys; ` +
          'run resnet20-fhe generate-keys',
      );
    }
  });

  test('a side without its manifest', async () => {
    await create();
    await rm(join(folder, 'secret', 'manifest.json'));
    expect(await describeError(() => openKeySet(folder))).toMatch(
      /^ERR_KEY_MISSING .*secret\/manifest.json: no such file, so no keys here; run resnet20-fhe generate-keys$/,
    );
  });

  test('evaluation keys alone, by the set or by their own folder, without looking at the secret', async () => {
    const set = await create();
    await rm(join(folder, 'secret'), { recursive: true });
    for (const path of [folder, join(folder, 'evaluation')]) {
      const keys = await openEvaluationKeys(path, { keySetId: set.secret.manifest.keySetId });
      expect(keys.folder).toBe(join(folder, 'evaluation'));
    }
    expect(await describeError(() => openKeySet(folder))).toBe(
      `ERR_KEY_MISSING ${folder}: expected secret keys, found public and evaluation keys only; ` +
        'whoever made the keys has them',
    );
  });

  test('of what others were given, the sides that there are', async () => {
    const set = await create();
    const given = join(dirname(folder), 'given');
    await cp(join(folder, 'evaluation'), given, { recursive: true });
    expect(await openKeySides(given)).toEqual({
      folder: given,
      secret: undefined,
      public: undefined,
      evaluation: { ...set.evaluation, folder: given },
    });
    expect(await describeError(() => openSecretKeys(given))).toBe(
      `ERR_KEY_MISSING ${given}: expected secret keys, found evaluation keys only; whoever made the keys has them`,
    );

    await rm(join(folder, 'secret'), { recursive: true });
    const { secret, ...others } = await openKeySides(folder);
    expect(secret).toBeUndefined();
    expect(others).toEqual({ folder, public: set.public, evaluation: set.evaluation });
  });

  test('damaged keys that others were given can only be copied again', async () => {
    await create();
    await rm(join(folder, 'secret'), { recursive: true });
    const evaluation = join(folder, 'evaluation');
    await writeFile(join(evaluation, 'rotation-16.key'), 'sixtee');
    expect(await describeError(() => openKeySides(folder))).toMatch(
      new RegExp(`found 6; copy ${evaluation} again from whoever made the keys$`),
    );
  });

  test.each(['secret', 'evaluation'])('the folder of the %s keys in the place of the set', async (side) => {
    await create();
    expect(await describeError(() => openSecretKeys(join(folder, side)))).toBe(
      `ERR_KEY_MISSING ${join(folder, side)}: expected the folder of a key set, found that of its ${side} keys; ` +
        `name ${folder}`,
    );
  });

  test('a set in the keys directory is made again there', async () => {
    vi.stubEnv('RESNET20_FHE_KEYS', dirname(folder));
    await create();
    await rm(join(folder, 'evaluation'), { recursive: true });
    expect(await describeError(() => openKeySet(folder))).toBe(
      `ERR_KEY_MISSING ${folder}: expected evaluation keys, found secret and public keys only; ` +
        'run resnet20-fhe generate-keys params_fast --force',
    );
    vi.unstubAllEnvs();
  });

  test('the public key alone, by the set or by its own folder, without looking at the secret', async () => {
    const set = await create();
    expect(await hasSecretKeys(folder)).toBe(true);
    await rm(join(folder, 'secret'), { recursive: true });
    await rm(join(folder, 'evaluation'), { recursive: true });
    expect(await hasSecretKeys(folder)).toBe(false);
    for (const path of [folder, join(folder, 'public')]) {
      const keys = await openPublicKeys(path, { keySetId: set.secret.manifest.keySetId });
      expect(keys.folder).toBe(join(folder, 'public'));
    }
  });

  test('a set from before there were public keys is opened; its public key is missed where it is asked for', async () => {
    await create();
    await rm(join(folder, 'public'), { recursive: true });
    expect((await openKeySet(folder)).public).toBeUndefined();
    expect(await describeError(() => openPublicKeys(folder))).toBe(
      `ERR_KEY_MISSING ${folder}: expected public keys, found secret and evaluation keys only; ${mend}`,
    );
  });

  test('the public key of another set is told apart', async () => {
    await create();
    const other = join(dirname(folder), 'other');
    await createKeySet({ folder: other, identity, generate });
    await rm(join(folder, 'public'), { recursive: true });
    await rename(join(other, 'public'), join(folder, 'public'));
    expect(await describeError(() => openKeySet(folder))).toMatch(
      /^ERR_KEY_MISMATCH .*: secret and public keys are of different key sets/,
    );
  });

  test('evaluation keys in the place of the public key are refused', async () => {
    await create();
    expect(await describeError(() => openPublicKeys(join(folder, 'evaluation')))).toMatch(
      /^ERR_KEY_CORRUPT .*: expected public keys, found evaluation keys$/,
    );
  });

  test.each([
    ['secret', 0o750, '750'],
    ['secret', 0o701, '701'],
    ['secret/secret.key', 0o644, '644'],
    ['secret/secret.key', 0o660, '660'],
  ])('%s that others may use is refused, mode %o', async (name, mode, text) => {
    await create();
    await chmod(join(folder, name), mode);
    const secret = join(folder, 'secret');
    expect(await describeError(() => openSecretKeys(folder))).toBe(
      `ERR_FILE ${join(folder, name)}: others may have read the secret key, its permissions are ${text}; ` +
        `make new keys, or run chmod -R go= ${secret}`,
    );
    await openEvaluationKeys(folder);
    await openPublicKeys(folder);
    await chmod(join(folder, name), mode & 0o700);
    await openSecretKeys(folder);
  });

  test('the secret alone', async () => {
    await create();
    await rm(join(folder, 'evaluation'), { recursive: true });
    expect((await openSecretKeys(folder)).manifest.files.map(({ path }) => path)).toEqual(['secret.key']);
  });

  test('a missing file is named with the command that mends it', async () => {
    await create();
    const path = join(folder, 'evaluation', 'rotation-16.key');
    await rm(path);
    expect(await describeError(() => openKeySet(folder))).toBe(`ERR_KEY_MISSING ${path}: no such file; ${mend}`);
  });

  test('a truncated file is named with its sizes', async () => {
    await create();
    const path = join(folder, 'evaluation', 'rotation-16.key');
    await writeFile(path, 'sixtee');
    expect(await describeError(() => openKeySet(folder))).toBe(
      `ERR_KEY_CORRUPT ${path}: must have 7 bytes, found 6; ${mend}`,
    );
  });

  test('who asks for keys that are not there is told without a look at the secret ones', async () => {
    await create();
    await rm(join(folder, 'public'), { recursive: true });
    const missing = () => describeError(() => openPublicKeys(folder));
    const found = `ERR_KEY_MISSING ${folder}: expected public keys, found secret and evaluation keys only; run resnet20-fhe generate-keys`;
    expect((await missing()).startsWith(`${found} params_fast `)).toBe(true);
    await rm(join(folder, 'evaluation'), { recursive: true });
    // Whoever opened this file would wait for ever.
    await rm(join(folder, 'secret', 'manifest.json'));
    execFileSync('mkfifo', [join(folder, 'secret', 'manifest.json')]);
    for (const open of [openPublicKeys, openEvaluationKeys]) {
      expect(await describeError(() => open(folder))).toMatch(
        /found secret keys only; run resnet20-fhe generate-keys PROFILE /,
      );
    }
  });

  test('one altered bit is found by reading', async () => {
    const set = await create();
    const path = join(folder, 'evaluation', 'rotation-1.key');
    const bytes = await readFile(path);
    bytes[2_999_999]! ^= 0x80;
    await writeFile(path, bytes);
    const keys = await openEvaluationKeys(folder);
    expect(await describeError(() => readListedFile(keys, 'rotation-1.key'))).toMatch(
      new RegExp(
        `^ERR_KEY_CORRUPT ${path}: SHA-256 must be ${set.evaluation.manifest.files[0]?.sha256}, found .*; ${mend}$`,
      ),
    );
  });

  test('a file that is not in the manifest can’t be read', async () => {
    const { evaluation } = await create();
    await writeFile(join(folder, 'evaluation', '.rotation-32.key'), 'hidden');
    const opened = await openEvaluationKeys(folder);
    expect(await describeError(() => readListedFile(opened, '.rotation-32.key'))).toMatch(
      /^ERR_KEY_CORRUPT .*: no file \.rotation-32\.key among the evaluation keys; /,
    );
    expect(listedFiles(opened)).toEqual(listedFiles(evaluation));
  });

  test('a file that is not in the manifest is refused', async () => {
    await create();
    const path = join(folder, 'evaluation', 'rotation-32.key');
    await writeFile(path, '');
    expect(await describeError(() => openKeySet(folder))).toBe(
      `ERR_KEY_CORRUPT ${path}: not in manifest.json; remove it`,
    );
  });

  test.each([
    [
      'profile',
      'ERR_KEY_MISMATCH',
      /keys for profile other are needed, found params_fast; run resnet20-fhe generate-keys other$/,
    ],
    ['planHash', 'ERR_KEY_MISMATCH', /keys for plan other are needed, found plan-1; run/],
    ['engine', 'ERR_KEY_MISMATCH', /keys for engine other are needed, found ckks; run/],
    ['libraryVersion', 'ERR_KEY_VERSION', /keys for library version other are needed, found ckks-1; run/],
    ['keySetId', 'ERR_KEY_MISMATCH', /keys for key set other are needed, found [0-9a-f]{32}; run/],
  ])('keys of another %s are refused', async (field, code, message) => {
    await create();
    const error = await describeError(() => openSecretKeys(folder, { [field]: 'other' }));
    expect(error).toMatch(message);
    expect(error.startsWith(`${code} ${join(folder, 'secret', 'manifest.json')}: `)).toBe(true);
  });

  test('swapped sides of two sets are told apart', async () => {
    await create();
    const other = join(dirname(folder), 'other');
    await createKeySet({ folder: other, identity, generate });
    await rm(join(folder, 'evaluation'), { recursive: true });
    await rename(join(other, 'evaluation'), join(folder, 'evaluation'));
    expect(await describeError(() => openKeySet(folder))).toMatch(
      /^ERR_KEY_MISMATCH .*: secret and evaluation keys are of different key sets \([0-9a-f]{32} and [0-9a-f]{32}\); run/,
    );
  });

  test('the secret side in the place of the evaluation side is refused', async () => {
    await create();
    await rm(join(folder, 'evaluation'), { recursive: true });
    await rename(join(folder, 'secret'), join(folder, 'evaluation'));
    expect(await describeError(() => openEvaluationKeys(folder))).toMatch(
      /^ERR_KEY_CORRUPT .*: expected evaluation keys, found secret keys$/,
    );
  });

  test('an older format is refused before anything else is read', async () => {
    await create();
    const path = await editManifest('secret', { format: 0, files: undefined });
    expect(await describeError(() => openKeySet(folder))).toBe(
      `ERR_KEY_VERSION ${path}: key sets of format 1 are read, found format 0; ${mend}`,
    );
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['side', { side: 'both' }, /expected secret keys, found both keys/],
    ['program', { program: 1 }, /program must be a text, found 1/],
    ['profile', { profile: '' }, /profile must be a text, found ""/],
    ['planHash', { planHash: null }, /planHash must be a text, found null/],
    ['engine', { engine: undefined }, /engine must be a text, found undefined/],
    ['libraryVersion', { libraryVersion: [] }, /libraryVersion must be a text/],
    ['keySetId', { keySetId: {} }, /keySetId must be a text/],
    ['no files', { files: [] }, /files must be a list of files/],
    ['files of another type', { files: 'secret.key' }, /files must be a list of files/],
    ['a file that is null', { files: [null] }, /files\[0\] is not a file's entry/],
  ])('a damaged manifest: %s', async (_, change, message) => {
    await create();
    const path = await editManifest('secret', change);
    const error = await describeError(() => openKeySet(folder));
    expect(error).toMatch(message);
    expect(error.startsWith(`ERR_KEY_CORRUPT ${path}: `)).toBe(true);
  });

  const sha256 = '0'.repeat(64);
  test.each<[string, Record<string, unknown>]>([
    ['a path that leads out', { path: '../evaluation/rotation-16.key', kind: 'secret', bytes: 7, sha256 }],
    ['an absolute path', { path: '/etc/hostname', kind: 'secret', bytes: 7, sha256 }],
    ['the manifest itself', { path: 'manifest.json', kind: 'secret', bytes: 7, sha256 }],
    ['a negative size', { path: 'secret.key', kind: 'secret', bytes: -1, sha256 }],
    ['a short hash', { path: 'secret.key', kind: 'secret', bytes: 10, sha256: 'ab' }],
    ['rotations of texts', { path: 'secret.key', kind: 'secret', bytes: 10, sha256, rotations: ['1'] }],
    ['stages of numbers', { path: 'secret.key', kind: 'secret', bytes: 10, sha256, stages: [1] }],
  ])("a file's entry with %s", async (_, entry) => {
    await create();
    await editManifest('secret', { files: [entry] });
    expect(await describeError(() => openSecretKeys(folder))).toMatch(
      /^ERR_KEY_CORRUPT .*files\[0\] is not a file's entry/,
    );
  });

  test('a file that is listed twice', async () => {
    const entry = { path: 'secret.key', kind: 'secret', bytes: 10, sha256 };
    await create();
    await editManifest('secret', { files: [entry, entry] });
    expect(await describeError(() => openSecretKeys(folder))).toMatch(/^ERR_KEY_CORRUPT .*: a file is listed twice$/);
  });

  test('a truncated manifest', async () => {
    await create();
    await writeFile(join(folder, 'secret', 'manifest.json'), '{"format": 1,');
    expect(await describeError(() => openKeySet(folder))).toMatch(/^ERR_KEY_CORRUPT .*manifest.json: not JSON; run/);
  });

  test('a manifest of absurd size is not read', async () => {
    await create();
    await truncate(join(folder, 'secret', 'manifest.json'), 2 ** 40);
    expect(await describeError(() => openKeySet(folder))).toMatch(
      /^ERR_KEY_CORRUPT .*manifest.json: 1099511627776 bytes are too many for a manifest$/,
    );
  });
});
