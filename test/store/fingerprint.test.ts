import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createKeySet } from '../../src/store/create-key-set.js';
import { checkFingerprint, publicKeyFingerprint } from '../../src/store/fingerprint.js';
import { openPublicKeys } from '../../src/store/key-set.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { generate, identity } from '../support/stand-in-keys.js';

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'keys', 'params_fast');
  await createKeySet({ folder, identity, generate });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test("a fingerprint is the SHA-256 of the key's file", async () => {
  expect(publicKeyFingerprint(await openPublicKeys(folder))).toBe(sha256('the public key'));
});

test('another fingerprint than the one that was told is refused', async () => {
  const keys = await openPublicKeys(folder);
  expect(() => checkFingerprint(keys, sha256('the public key'))).not.toThrow();
  expect(await describeError(async () => checkFingerprint(keys, sha256('another key')))).toBe(
    `ERR_KEY_MISMATCH ${join(folder, 'public')}: the public key's fingerprint must be ${sha256('another key')}, found ` +
      `${sha256('the public key')}; do not encrypt with it: get the key again from whoever made it, and compare ` +
      'fingerprints by another way',
  );
});

test('a second file beside the public key could be the one that is used: refused', async () => {
  const path = join(folder, 'public', 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const other = { ...manifest.files[0], path: 'another.key', sha256: sha256('another') };
  await writeFile(join(folder, 'public', 'another.key'), 'the public key');
  for (const kind of ['public', 'rotation']) {
    await writeFile(path, JSON.stringify({ ...manifest, files: [...manifest.files, { ...other, kind }] }));
    const keys = await openPublicKeys(folder);
    expect(await describeError(async () => publicKeyFingerprint(keys))).toMatch(
      /^ERR_KEY_CORRUPT .*expected one public key and nothing else, found public\.key \(public\), another\.key/,
    );
  }
});
