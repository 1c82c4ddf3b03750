import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyFolder } from '../../src/store/key-set.js';
import type { KeySide } from '../../src/store/manifest.js';
import { identity } from './stand-in-keys.js';

/** A side of a set as `store` opens it, its manifest made from the files that are in its folder now. */
export async function keySide(folder: string, side: KeySide): Promise<KeyFolder> {
  const files = [];
  for (const path of (await readdir(folder).catch(() => [])).sort()) {
    const content = await readFile(join(folder, path));
    const sha256 = createHash('sha256').update(content).digest('hex');
    files.push({ path, kind: side, bytes: content.length, sha256 });
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { folder, manifest: { format: 1, side, ...identity, keySetId: '0'.repeat(32), files }, bytes };
}

/** The same of a side in a set's folder. */
export function sideOf(set: string, side: KeySide): Promise<KeyFolder> {
  return keySide(join(set, side), side);
}
