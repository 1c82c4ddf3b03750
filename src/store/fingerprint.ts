import { FheError } from '../errors.js';
import type { KeyFolder } from './key-set.js';
import { mending } from './mending.js';

/**
 * What names a public key to people who compare it over a second channel: the SHA-256 of its file, hexadecimal. The file
 * is the only one of its folder, so that it is the one that an engine opens. It is the manifest's, to which an
 * engine holds the bytes that it reads. Throws ERR_KEY_CORRUPT when the folder lists anything else.
 */
export function publicKeyFingerprint({ folder, manifest }: KeyFolder): string {
  const [file, ...others] = manifest.files;
  if (file === undefined || file.kind !== 'public' || others.length > 0) {
    const found = manifest.files.map(({ path, kind }) => `${path} (${kind})`).join(', ');
    throw new FheError(
      'ERR_KEY_CORRUPT',
      `${folder}: expected one public key and nothing else, found ${found}; ${mending(folder, manifest)}`,
    );
  }
  return file.sha256;
}

/** Throws ERR_KEY_MISMATCH unless the public key has the fingerprint that its user was told. */
export function checkFingerprint(keys: KeyFolder, expected: string): void {
  const found = publicKeyFingerprint(keys);
  if (found !== expected) {
    throw new FheError(
      'ERR_KEY_MISMATCH',
      `${keys.folder}: the public key's fingerprint must be ${expected}, found ${found}; ` +
        'do not encrypt with it: get the key again from whoever made it, and compare fingerprints by another way',
    );
  }
}
