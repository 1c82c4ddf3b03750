import { defaultProfileName, profileNames } from '../catalogue/profiles.js';
import type { EngineName } from '../scheme/parameters.js';
import type { ExpectedCiphertext } from '../store/ciphertext-file.js';
import {
  type ExpectedKeys,
  type KeyFolder,
  openEvaluationKeys,
  openPublicKeys,
  openSecretKeys,
  verifyKeys,
} from '../store/key-set.js';
import { findKeySet } from '../store/locations.js';
import type { Manifest } from '../store/manifest.js';
import type { Model } from './deployment.js';
import type { OperationControls } from './events.js';

/**
 * Folder of the key set that a user named by a profile or a folder; else of the current one, else of the default
 * profile's. Throws ERR_KEY_MISSING or ERR_PROFILE.
 */
export function findKeys(named?: string): Promise<string> {
  return findKeySet({ named, defaultProfile: defaultProfileName, profiles: profileNames });
}

/** What a model's keys must have been made for. */
export function expectedKeys(model: Model, engine: EngineName, libraryVersion: string): ExpectedKeys {
  return { profile: model.profile.name, planHash: model.plan.hash, engine, libraryVersion };
}

/** What a ciphertext under the keys of a manifest says of itself; compared before an engine is opened or keys are read. */
export function ciphertextsOf({ profile, planHash, engine, libraryVersion, keySetId }: Manifest): ExpectedCiphertext {
  return { profile, planHash, engine, libraryVersion, keySetId };
}

/** Opens and verifies `<set>/secret`. */
export async function openVerifiedSecretKeys(
  folder: string,
  expected: ExpectedKeys,
  controls: OperationControls,
): Promise<KeyFolder> {
  return verified(await openSecretKeys(folder, expected), controls);
}

/** Opens and verifies the public key of a set, given its folder or `<set>/public`; looks at nothing else. */
export async function openVerifiedPublicKeys(
  folder: string,
  expected: ExpectedKeys,
  controls: OperationControls,
): Promise<KeyFolder> {
  return verified(await openPublicKeys(folder, expected), controls);
}

/** Opens and verifies the evaluation keys of a set, given its folder or `<set>/evaluation`; looks at nothing else. */
export async function openVerifiedEvaluationKeys(
  folder: string,
  expected: ExpectedKeys,
  controls: OperationControls,
): Promise<KeyFolder> {
  return verified(await openEvaluationKeys(folder, expected), controls);
}

/** Every byte is hashed before an engine reads it. Throws ERR_KEY_CORRUPT or ERR_CANCELLED. */
export async function verified(keys: KeyFolder, controls: OperationControls): Promise<KeyFolder> {
  const started = performance.now();
  await verifyKeys(keys, {
    signal: controls.signal,
    progress: ({ text, done, total }) => {
      const secondsLeft = ((performance.now() - started) / 1000 / done) * (total - done);
      controls.onEvent?.({ event: 'progress', phase: 'load', text, done, total, secondsLeft });
    },
  });
  return keys;
}
