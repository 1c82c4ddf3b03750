import { existsSync } from 'node:fs';
import type { Deployment } from '../sessions/deployment.js';
import { publicKeyFingerprint } from '../store/fingerprint.js';
import { type KeyFolder, type KeySides, openedFolders } from '../store/key-set.js';
import { keysDirectory, readCurrent, setCurrent } from '../store/locations.js';
import { estimateSecurity, type SecurityEstimate } from './protection.js';

/** What a user wants to know of a key set, as far as it is on this machine. */
export interface KeySetSummary {
  readonly folder: string;
  /** The set that was current before this one became it; null when there was none, it is gone, or it is this one. */
  readonly previousFolder: string | null;
  readonly profile: string;
  readonly engine: string;
  readonly security: SecurityEstimate;
  /** Of the secret key; null where it is not here. */
  readonly secretBytes: number | null;
  /** Of the public key; null where it is not here, or the set was made without one. */
  readonly publicKeyBytes: number | null;
  /** SHA-256 of the public key, hexadecimal, by which others know it; null where it is not here. */
  readonly publicKeyFingerprint: string | null;
  /** Of the evaluation keys; null where they are not here. */
  readonly keyBytes: number | null;
  /** Evaluation key files. */
  readonly files: number;
  /** Rotations for which there is a key. */
  readonly rotations: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** Any side of a set: what the keys were made by and for is the same on all of them. */
export function anySideOf(sides: KeySides): KeyFolder {
  const [first] = openedFolders(sides);
  if (first === undefined) {
    throw new RangeError(`${sides.folder}: a key set has at least one side`);
  }
  return first;
}

/** Makes a key set the current one and describes it; `started`: the operation's, by performance.now(). */
export async function makeCurrent(
  sides: KeySides,
  { profile: { parameters } }: Deployment,
  started: number,
): Promise<KeySetSummary> {
  const previous = await readCurrent(keysDirectory());
  await setCurrent(keysDirectory(), sides.folder);
  const { profile, engine } = anySideOf(sides).manifest;
  const files = sides.evaluation?.manifest.files ?? [];
  return {
    folder: sides.folder,
    previousFolder: previous === sides.folder || !existsSync(previous ?? '') ? null : (previous ?? null),
    profile,
    engine,
    security: estimateSecurity(parameters),
    secretBytes: sides.secret?.bytes ?? null,
    publicKeyBytes: sides.public?.bytes ?? null,
    publicKeyFingerprint: sides.public === undefined ? null : publicKeyFingerprint(sides.public),
    keyBytes: sides.evaluation?.bytes ?? null,
    files: files.length,
    rotations: new Set(files.flatMap((file) => file.rotations ?? [])).size,
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: peakRssBytes(),
  };
}

/** Largest resident memory that this process ever had, mapped files included. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
