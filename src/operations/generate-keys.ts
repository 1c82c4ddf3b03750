import { join, resolve } from 'node:path';
import type { Engine, KeyPlan } from '../engine/engine.js';
import { openEngine } from '../engine/registry.js';
import { FheError } from '../errors.js';
import { type DeploymentChoice, keyPlanOf, keySetBytes } from '../sessions/deployment.js';
import { detail, type OperationControls } from '../sessions/events.js';
import { programVersion } from '../sessions/package-files.js';
import { createKeySet } from '../store/create-key-set.js';
import type { KeyFile } from '../store/key-file.js';
import { keysDirectory } from '../store/locations.js';
import { checkOptions } from './check-options.js';
import { disposing } from './disposing.js';
import { type KeySetSummary, makeCurrent } from './key-set-summary.js';
import { plannedDeployment } from './plan.js';
import { reportProtection } from './protection.js';

/** `weights`: for the keys that a network's shape needs where its profile has no committed plan. */
export interface GenerateKeysOptions extends OperationControls, DeploymentChoice {
  /** The set's own folder; default: named after the profile, in the keys directory. */
  readonly out?: string | undefined;
  /** Replace an existing set. */
  readonly force?: boolean | undefined;
  readonly threads?: number | undefined;
}

/**
 * Makes a key set and, wherever it is put, makes it the current one. A network's folder without a plan is planned first.
 * Throws ERR_PROFILE, ERR_ENGINE_UNAVAILABLE, ERR_DISK_FULL (before
 * anything is written, where it can be told), ERR_FILE (the folder is taken) and ERR_CANCELLED.
 */
export async function generateKeys(options: GenerateKeysOptions = {}): Promise<KeySetSummary> {
  checkOptions(options);
  const started = performance.now();
  const deployment = await plannedDeployment(options);
  const { profile, plan } = deployment;
  const { engine, libraryVersion } = await openEngine(profile.parameters);
  using _engine = disposing(engine);
  reportProtection(options, profile, engine.encrypted);
  const keySet = await createKeySet({
    folder: options.out === undefined ? join(keysDirectory(), profile.name) : resolve(options.out),
    identity: {
      program: programVersion(),
      profile: profile.name,
      planHash: plan.hash,
      engine: engine.name,
      libraryVersion,
      ...(options.network === undefined ? {} : { deployment }),
    },
    force: options.force,
    expectedBytes: keySetBytes(deployment),
    generate: (folder) => writeKeys(engine, folder, keyPlanOf(deployment), options),
    signal: options.signal,
    progress: (report) => options.onEvent?.({ event: 'progress', phase: 'keys', ...report, secondsLeft: undefined }),
  });
  return makeCurrent(keySet, deployment, started);
}

async function writeKeys(
  engine: Engine,
  folder: string,
  plan: KeyPlan,
  options: GenerateKeysOptions,
): Promise<KeyFile[]> {
  const started = performance.now();
  const written = await engine.generateKeys(folder, plan, {
    threads: options.threads,
    signal: options.signal,
    progress: ({ text, done, total }) => {
      const elapsed = (performance.now() - started) / 1000;
      const secondsLeft = done === 0 ? undefined : (elapsed / done) * (total - done);
      options.onEvent?.({ event: 'progress', phase: 'keys', text, done, total, secondsLeft });
    },
  });
  if (options.signal?.aborted === true) {
    throw new FheError('ERR_CANCELLED', 'generate-keys was interrupted; no keys were kept');
  }
  detail(options, `${written.length} key files`);
  return written;
}
