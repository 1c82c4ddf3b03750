import { readManifest } from '../../../dist/store/manifest.js';
import { singleFiles } from '../corpus.mjs';

/** The manifest of a key set's folder. */
export const corpus = singleFiles('corpus/manifest', 'manifest.json');

export function run(folder) {
  return readManifest(folder);
}
