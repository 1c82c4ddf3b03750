import { join } from 'node:path';
import { readInputs } from '../../../dist/operations/inputs.js';
import { singleFiles } from '../corpus.mjs';

/** Values in NumPy files, for a network that takes [1, 2, 2]. */
export const corpus = singleFiles('corpus/npy', 'file.npy');

const encoding = { kind: 'values', shape: [1, 2, 2], mean: [0], deviation: [1] };

export function run(folder) {
  return readInputs([join(folder, 'file.npy')], encoding, undefined, {});
}
