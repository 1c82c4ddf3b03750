import { openEngine } from '../engine/registry.js';
import { findProfile } from '../profile/profiles.js';
import { openKeySet, verifyKeys } from '../store/key-set.js';
import type { OperationControls } from './events.js';
import { type KeySetSummary, makeCurrent } from './key-set-summary.js';
import { loadModel } from './model.js';
import { expectedKeys, findKeys } from './opened-keys.js';

export interface LoadKeysOptions extends OperationControls {
  /** A profile or a set's folder. */
  readonly set: string;
}

/**
 * Verifies a key set (manifests, every file's hash, profile, plan, library) and makes it the current one.
 * Throws ERR_KEY_MISSING, ERR_KEY_MISMATCH, ERR_KEY_VERSION, ERR_KEY_CORRUPT, ERR_ENGINE_UNAVAILABLE or ERR_CANCELLED.
 */
export async function loadKeys(options: LoadKeysOptions): Promise<KeySetSummary> {
  const started = performance.now();
  const folder = await findKeys(options.set);
  const found = await openKeySet(folder);
  const { profile } = found.evaluation.manifest;
  const model = await loadModel(profile);
  const { engine, libraryVersion } = await openEngine(model.profile.engine, findProfile(profile));
  engine.dispose();
  const keySet = await openKeySet(folder, expectedKeys(model, engine.name, libraryVersion));
  for (const keys of [keySet.secret, keySet.public, keySet.evaluation].filter((side) => side !== undefined)) {
    await verifyKeys(keys, {
      signal: options.signal,
      progress: (report) => options.onEvent?.({ event: 'progress', phase: 'load', ...report, secondsLeft: undefined }),
    });
  }
  return makeCurrent(keySet, started);
}
