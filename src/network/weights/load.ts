import { fileURLToPath } from 'node:url';
import { FheError } from '../../errors.js';
import { activationsOf, type Graph } from '../graph.js';
import { architectures, residualGraph } from '../import/resnet20.js';
import type { WeightsCard } from './card.js';
import { cardPathOf, loadCard } from './card-file.js';
import { readWeights } from './read-weights.js';
import { readSafetensors } from './safetensors.js';

export interface LoadedNetwork {
  readonly graph: Graph;
  readonly card: WeightsCard;
}

/** Path of weights that come with the program, by network name. */
export function weightsPath(name: string): string {
  return fileURLToPath(new URL(`../../../weights/${name}.safetensors`, import.meta.url));
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
