import { join } from 'node:path';
import { readWeights } from '../../../dist/network/weights/read-weights.js';
import { readSafetensors } from '../../../dist/network/weights/safetensors.js';
import { singleFiles } from '../corpus.mjs';

export const corpus = singleFiles('corpus/safetensors', 'file.safetensors');

export async function run(folder) {
  const path = join(folder, 'file.safetensors');
  const { bytes } = await readWeights(path);
  return readSafetensors(bytes, path);
}
