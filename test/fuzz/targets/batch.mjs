import { readDataSet } from '../../../dist/image/data-set.js';
import { singleFiles } from '../corpus.mjs';

/** Binary batches as those of CIFAR-10, of smaller pictures. */
export const corpus = singleFiles('corpus/batch', 'data.bin');

const shape = { classes: ['cat', 'dog'], picture: [3, 4, 4] };

export async function run(folder) {
  for await (const _ of readDataSet(folder, shape)) {
    // Reading is all.
  }
}
