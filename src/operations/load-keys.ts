import { openEngine } from '../engine/registry.js';
import { loadDeployment } from '../sessions/deployment.js';
import type { OperationControls } from '../sessions/events.js';
import { findKeys, verifyFor } from '../sessions/keys.js';
import { openedFolders, openKeySides } from '../store/key-set.js';
import { checkOptions } from './check-options.js';
import { identityOf, type KeySetSummary, makeCurrent } from './key-set-summary.js';

export interface LoadKeysOptions extends OperationControls {
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
  const deployment = await loadDeployment(identityOf(sides).profile);
  const { engine, libraryVersion } = await openEngine(deployment.profile.parameters);
  engine.dispose();
  for (const keys of openedFolders(sides)) {
    await verifyFor(keys, deployment, { engine: engine.name, libraryVersion }, options);
  }
  return makeCurrent(sides, started);
}
