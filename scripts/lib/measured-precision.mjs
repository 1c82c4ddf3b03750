import { join } from 'node:path';
import { classify } from '../../dist/operations/classify.js';
import { readImages } from '../../dist/operations/images.js';
import { differences, mean } from '../../dist/operations/prediction.js';
import { openRoles } from '../../dist/sessions/roles.js';
import { root } from './process.mjs';
import { readResults } from './results.mjs';

const repetitions = 2;
const firstGuessBits = 10;
const iterations = 3;

/**
 * Scores of pictures of inputs/ in the last recorded encrypted run of a profile, against the noiseless circuit's. Earlier
 * runs may be of other weights, and noise grows with their bounds.
 */
export function encryptedScores(profile) {
  const last = readResults(profile).at(-1);
  const images = last?.infer.images ?? [];
  return images.map(({ input, scores, circuitScores }) => ({ input, errors: differences(scores, circuitScores) }));
}

/**
 * The precision at which the simulator's scores of the same pictures are off by as much as the encrypted ones, root mean
 * square over all scores. The error of scores halves with each bit, so that a few corrections suffice.
 */
export async function measuredPrecision(profile, encrypted) {
  const measuredError = rootMeanSquare(encrypted.flatMap(({ errors }) => errors));
  const inputs = [...new Set(encrypted.map(({ input }) => join(root, 'inputs', input)))];
  const exact = await simulatedScores(profile, inputs, { noise: 'none' });
  let precisionBits = firstGuessBits;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const errors = [];
    for (let seed = 0; seed < repetitions; seed++) {
      const noisy = await simulatedScores(profile, inputs, { noise: { precisionBits }, seed });
      errors.push(...noisy.flatMap((scores, image) => differences(scores, exact[image])));
    }
    precisionBits += Math.log2(rootMeanSquare(errors) / measuredError);
  }
  return { precisionBits, measuredError, scores: encrypted.flatMap(({ errors }) => errors).length };
}

async function simulatedScores(profile, inputs, simulation) {
  const roles = await openRoles({ engine: 'simulator', profile }, simulation);
  try {
    const images = await readImages(inputs, roles.model.plan.input.encoding, false, {});
    const tensors = images.map(({ tensor }) => tensor);
    return (await classify(roles, tensors, {})).scores;
  } finally {
    roles[Symbol.dispose]();
  }
}

function rootMeanSquare(values) {
  return Math.sqrt(mean(values.map((value) => value * value)));
}
