import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FheError } from '../errors.js';
import { namesPicture } from '../image/other-formats.js';
import type { GraphInput } from '../network/graph.js';
import type { OperationControls } from '../sessions/events.js';
import type { Tensor } from '../tensor/tensor.js';
import { readInputs } from './inputs.js';

/** Of so many samples one in `heldOutShare` is held out. */
const fewestToHoldOut = 10;
const heldOutShare = 5;

export interface CalibrationSamples {
  readonly measured: readonly Tensor[];
  readonly heldOut: readonly Tensor[];
}

/**
 * Reads `most` samples evenly from those of a folder and the folders in it: pictures of any size, cropped and averaged to the
 * network's, or for a network that takes values NumPy files. Throws ERR_DATA where there are none, and as `readInputs`.
 */
export async function readCalibrationSamples(
  folder: string,
  input: GraphInput,
  most: number,
  controls: OperationControls,
): Promise<CalibrationSamples> {
  const isSample = input.kind === 'picture' ? namesPicture : (name: string): boolean => name.endsWith('.npy');
  const files = (await listFiles(folder)).filter(isSample).sort();
  if (files.length === 0) {
    const expected = input.kind === 'picture' ? 'PNG or JPEG pictures' : 'NumPy files (.npy)';
    throw new FheError('ERR_DATA', `${folder}: expected ${expected} in it, or in folders in it; found none`);
  }
  const chosen = evenly(files, most).map((name) => join(folder, name));
  const samples = evenly(await readInputs(chosen, input, true, controls), most).map(({ tensor }) => tensor);
  const isHeldOut = (index: number): boolean =>
    samples.length >= fewestToHoldOut && index % heldOutShare === heldOutShare - 1;
  return {
    measured: samples.filter((_, index) => !isHeldOut(index)),
    heldOut: samples.filter((_, index) => isHeldOut(index)),
  };
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new FheError('ERR_DATA', `${folder}: can't be listed (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** At most `most` of a list, at even distances. */
function evenly<Item>(items: readonly Item[], most: number): Item[] {
  const count = Math.min(items.length, most);
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}
