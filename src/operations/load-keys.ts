import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/registry.js';
import { type DeploymentChoice, deploymentOf } from '../sessions/deployment.js';
import type { OperationControls } from '../sessions/events.js';
import { findKeys, requireFor, verification } from '../sessions/keys.js';
import { type KeySides, openedFolders, openKeySides } from '../store/key-set.js';
import { checkOptions } from './check-options.js';
import { disposing } from './disposing.js';
import { anySideOf, type KeySetSummary, makeCurrent } from './key-set-summary.js';

export interface LoadKeysOptions extends OperationControls, Pick<DeploymentChoice, 'network'> {
  /** A profile, a set's folder, or the `evaluation` or `public` folder of one alone, as others were given it. */
  readonly set: string;
}

/**
 * Verifies what there is of a key set (manifests, every file's hash, profile, plan, library) and makes it the current one.
 * Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH, ERR_KEY_VERSION, ERR_KEY_CORRUPT, ERR_ENGINE_UNAVAILABLE or ERR_CANCELLED.
 */
export async function loadKeys(options: LoadKeysOptions): Promise<KeySetSummary> {
  checkOptions(options, 'set');
  const started = performance.now();
  const folder = await findKeys(options.set);
  const sides = await openKeySides(folder);
  const deployment = await deploymentOf(anySideOf(sides), options);
  const { engine, libraryVersion } = await openEngine(deployment.profile.parameters);
  using _engine = disposing(engine);
  for (const keys of openedFolders(sides)) {
    requireFor(keys, deployment, { engine: engine.name, libraryVersion });
  }
  await openOnce(engine, sides, options);
  return makeCurrent(sides, deployment, started);
}

/** An engine verifies what it opens. */
async function openOnce(engine: Engine, sides: KeySides, options: OperationControls): Promise<void> {
  if (sides.secret !== undefined) {
    (await engine.openClient(sides.secret, verification(options))).dispose();
  }
  if (sides.public !== undefined) {
    (await engine.openEncryptor(sides.public, verification(options))).dispose();
  }
  if (sides.evaluation !== undefined) {
    (await engine.openEvaluator(sides.evaluation, verification(options))).dispose();
  }
}
