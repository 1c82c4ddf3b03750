import { defaultProfileName, profileNames } from '../catalogue/profiles.js';
import type { EngineName } from '../scheme/parameters.js';
import { shellQuoted } from '../shell-quote.js';
import type { ExpectedCiphertext } from '../store/ciphertext-file.js';
import type { StoreOptions } from '../store/hash.js';
import { type KeyFolder, requireKeys } from '../store/key-set.js';
import { findKeySet } from '../store/locations.js';
import type { Manifest } from '../store/manifest.js';
import type { Deployment, DeploymentChoice } from './deployment.js';
import type { OperationControls } from './events.js';
import { readPlanFile } from './plan-file.js';

/**
 * Folder of the key set that a user named by a profile or a folder; else of the current one, else of the default
 * profile's. Throws ERR_KEY_MISSING or ERR_PROFILE.
 */
export function findKeys(named?: string): Promise<string> {
  return findKeySet({ named, ...known });
}

/** The same for a choice: of a network's folder, the key set of its name. Throws also as `readPlanFile`. */
export async function findKeysFor({ keys, profile, network }: KeyChoice): Promise<string> {
  if (keys !== undefined || network === undefined) {
    return findKeys(keys ?? profile);
  }
  const { profile: planned } = await readPlanFile(network);
  return findKeySet({ named: planned.name, ...known, making: `--network ${shellQuoted(network)}` });
}

const known = { defaultProfile: defaultProfileName, profiles: profileNames };

/** What tells which key set is meant. */
export interface KeyChoice extends Pick<DeploymentChoice, 'profile' | 'network'> {
  /** A key set's folder, or that of one of its sides. */
  readonly keys?: string | undefined;
}

/** What a ciphertext under the keys of a manifest says of itself; compared before an engine is opened or keys are read. */
export function ciphertextsOf({ profile, planHash, engine, libraryVersion, keySetId }: Manifest): ExpectedCiphertext {
  return { profile, planHash, engine, libraryVersion, keySetId };
}

/** By what engine and library keys are to be used. */
export interface KeyUser {
  readonly engine: EngineName;
  readonly libraryVersion: string;
}

/**
 * Checks that opened keys are for the deployment and the engine, which verifies their bytes when it opens them. Throws
 * ERR_KEY_MISMATCH or ERR_KEY_VERSION.
 */
export function requireFor(keys: KeyFolder, { profile, plan }: Deployment, { engine, libraryVersion }: KeyUser): void {
  requireKeys(keys, { profile: profile.name, planHash: plan.hash, engine, libraryVersion });
}

/** How opening keys, which verifies them, is reported and cancelled. */
export function verification(controls: OperationControls): StoreOptions {
  const started = performance.now();
  return {
    signal: controls.signal,
    progress: ({ text, done, total }) => {
      const secondsLeft = ((performance.now() - started) / 1000 / done) * (total - done);
      controls.onEvent?.({ event: 'progress', phase: 'load', text, done, total, secondsLeft });
    },
  };
}
