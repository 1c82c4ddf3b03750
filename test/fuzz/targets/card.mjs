import { join } from 'node:path';
import { loadCard } from '../../../dist/network/weights/card-file.js';
import { singleFiles } from '../corpus.mjs';

/** The cards that come with the program, which training writes. */
export const corpus = singleFiles('../../weights', 'file.json', (name) => name.endsWith('.json'));

export function run(folder) {
  return loadCard(join(folder, 'file.safetensors'));
}
