import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProfile } from '../../dist/profile/profiles.js';
import { root } from './process.mjs';
import { latestResults } from './results.mjs';

/** The card of the weights that come with a profile. */
export function weightsCard(profile) {
  return JSON.parse(readFileSync(join(root, 'weights', `${findProfile(profile).network}.json`), 'utf8'));
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
