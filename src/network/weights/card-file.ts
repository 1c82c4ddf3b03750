import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { FheError } from '../../errors.js';
import { parseCard, type WeightsCard } from './card.js';
import { readChecked } from './read-weights.js';

/** Reads the card beside a weights file, `<name>.json`; the weights themselves are not looked at. Throws ERR_WEIGHTS. */
export async function loadCard(path: string): Promise<WeightsCard> {
  const cardPath = cardPathOf(path);
  const bytes = await readChecked(
    cardPath,
    `no such file; the card of ${basename(path)} belongs beside it`,
    checkCardLength,
  );
  return parseCard(bytes.toString('utf8'), cardPath);
}

/** Path of the card beside a weights file. Throws ERR_WEIGHTS where that is no weights file by its name. */
export function cardPathOf(path: string): string {
  if (!path.endsWith('.safetensors')) {
    throw new FheError('ERR_WEIGHTS', `${path}: expected a .safetensors file`);
  }
  return `${path.slice(0, -'.safetensors'.length)}.json`;
}

/** A card of this program's networks has some kilobytes. */
const maximumCardBytes = 2 ** 20;

async function checkCardLength(_: FileHandle, size: number, path: string): Promise<void> {
  if (size > maximumCardBytes) {
    throw new FheError('ERR_WEIGHTS', `${path}: ${size} bytes are too many for a card`);
  }
}
