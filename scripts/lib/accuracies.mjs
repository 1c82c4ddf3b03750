import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProfile } from '../../dist/catalogue/profiles.js';
import { root } from './process.mjs';
import { latestResults, readResults } from './results.mjs';

const weights = join(root, 'weights');

/** Names of the weights that come with the program. */
export function networkNames() {
  const files = readdirSync(weights).filter((file) => file.endsWith('.safetensors'));
  return files.map((file) => file.slice(0, -'.safetensors'.length)).sort();
}

/** The card of the weights that come with a profile. */
export function weightsCard(profile) {
  return readCard(findProfile(profile).network);
}

/** The card of the weights of this name. */
export function readCard(network) {
  return JSON.parse(readFileSync(join(weights, `${network}.json`), 'utf8'));
}

/**
 * For each network that comes with the program its accuracy over the test pictures in PyTorch, by its card, and in
 * TypeScript, undefined where that has not been measured with these weights (scripts/reference-accuracy.mjs).
 */
export function networkAccuracies() {
  return networkNames().map((network) => {
    const { accuracy, sha256 } = readCard(network);
    const reference = readResults(`reference-${network}`).findLast((result) => result.weights === sha256);
    return { network, torch: accuracy, reference };
  });
}

/**
 * The last accuracies of a profile on the simulator with the weights that it has now: at predicted noise, and at each
 * stated precision.
 */
export function latestAccuracies(profile) {
  const { sha256 } = weightsCard(profile);
  const accuracies = latestResults(`accuracy-${profile}`, ({ precisionBits }) => precisionBits);
  return accuracies.filter(({ weights }) => weights === sha256);
}
