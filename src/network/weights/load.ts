import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FheError } from '../../errors.js';
import { activationsOf, type Graph } from '../graph.js';
import { architectures, residualGraph } from '../import/resnet20.js';
import { parseCard, type WeightsCard } from './card.js';
import { readChecked, readWeights } from './read-weights.js';
import { readSafetensors } from './safetensors.js';

export interface LoadedNetwork {
  readonly graph: Graph;
  readonly card: WeightsCard;
}

/** Path of weights that come with the program, by network name. */
export function weightsPath(name: string): string {
  return fileURLToPath(new URL(`../../../weights/${name}.safetensors`, import.meta.url));
}

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

function cardPathOf(path: string): string {
  if (!path.endsWith('.safetensors')) {
    throw new FheError('ERR_WEIGHTS', `${path}: expected a .safetensors file`);
  }
  return `${path.slice(0, -'.safetensors'.length)}.json`;
}

/**
 * Reads `<name>.safetensors` and the card `<name>.json` beside it; the card's SHA-256 must be the file's.
 * Throws ERR_WEIGHTS.
 */
export async function loadNetwork(path: string): Promise<LoadedNetwork> {
  const cardPath = cardPathOf(path);
  const { bytes, sha256: weightsHash } = await readWeights(path);
  const card = await loadCard(path);
  const architecture = architectures.find(({ name }) => name === card.architecture);
  if (architecture === undefined) {
    const known = architectures.map(({ name }) => name).join(', ');
    throw new FheError('ERR_WEIGHTS', `${cardPath}: architecture must be one of ${known}, found ${card.architecture}`);
  }

  if (weightsHash !== card.sha256) {
    throw new FheError(
      'ERR_WEIGHTS',
      `${path}: SHA-256 must be ${card.sha256} by its card, found ${weightsHash}; the file is damaged or not the card's`,
    );
  }

  const graph = residualGraph(architecture, readSafetensors(bytes, path), { ...card, weightsHash });
  const unmeasured = activationsOf(graph).find(({ name }) => !card.ranges.has(name));
  if (unmeasured !== undefined) {
    throw new FheError('ERR_WEIGHTS', `${cardPath}: ranges.${unmeasured.name} is missing`);
  }
  return { graph, card };
}

/** A card of this program's networks has some kilobytes. */
const maximumCardBytes = 2 ** 20;

async function checkCardLength(_: FileHandle, size: number, path: string): Promise<void> {
  if (size > maximumCardBytes) {
    throw new FheError('ERR_WEIGHTS', `${path}: ${size} bytes are too many for a card`);
  }
}
