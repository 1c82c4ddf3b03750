import { join } from 'node:path';
import { loadImage } from '../../../dist/image/load.js';
import { singleFiles } from '../corpus.mjs';

export const corpus = singleFiles('../image/fixtures', 'file.jpg', (name) => name.endsWith('.jpg'));

export function run(folder) {
  return loadImage(join(folder, 'file.jpg'), { shape: [1, 32, 32], resize: true });
}
