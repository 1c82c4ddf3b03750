import { readFileSync } from 'node:fs';
import { readDataSet } from '../../../dist/image/data-set.js';

const fixture = (name) => readFileSync(new URL(`../../image/fixtures/${name}`, import.meta.url));

/** A folder for each class. */
export const corpus = [
  { 'cat/1.png': fixture('rgb.png'), 'cat/2.jpg': fixture('grey.jpg'), 'dog/1.png': fixture('palette.png') },
  { 'cat/1.jpg': fixture('progressive.jpg'), 'dog/1.jpg': fixture('exif.jpg'), 'dog/notes.txt': Buffer.from('none') },
];

const shape = { classes: ['cat', 'dog'], picture: [3, 16, 16] };

export async function run(folder) {
  for await (const _ of readDataSet(folder, shape)) {
    // Reading is all.
  }
}
