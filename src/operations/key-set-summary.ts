import { findProfile } from '../profile/profiles.js';
import type { KeySet } from '../store/key-set.js';
import { keysDirectory, readCurrent, setCurrent } from '../store/locations.js';
import { estimateSecurity, type SecurityEstimate } from './protection.js';

/** What a user wants to know of a key set. */
export interface KeySetSummary {
  readonly folder: string;
  /** The set that was current before this one became it; null when there was none, or this one. */
  readonly previousFolder: string | null;
  readonly profile: string;
  readonly engine: string;
  readonly security: SecurityEstimate;
  readonly secretBytes: number;
  /** Of the public key; null for a set that was made without one. */
  readonly publicKeyBytes: number | null;
  /** Of the evaluation keys. */
  readonly keyBytes: number;
  /** Evaluation key files. */
  readonly files: number;
  /** Rotations for which there is a key. */
  readonly rotations: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** Makes a key set the current one and describes it; `started`: the operation's, by performance.now(). */
export async function makeCurrent(keySet: KeySet, started: number): Promise<KeySetSummary> {
  const previous = await readCurrent(keysDirectory());
  await setCurrent(keysDirectory(), keySet.folder);
  const { manifest } = keySet.evaluation;
  return {
    folder: keySet.folder,
    previousFolder: previous === undefined || previous === keySet.folder ? null : previous,
    profile: manifest.profile,
    engine: manifest.engine,
    security: estimateSecurity(findProfile(manifest.profile)),
    secretBytes: keySet.secret.bytes,
    publicKeyBytes: keySet.public?.bytes ?? null,
    keyBytes: keySet.evaluation.bytes,
    files: manifest.files.length,
    rotations: new Set(manifest.files.flatMap((file) => file.rotations ?? [])).size,
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: peakRssBytes(),
  };
}

/** Largest resident memory that this process ever had, mapped files included. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
