import { join } from 'node:path';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';
import { encryptedSuite, pictureNames } from './encrypted-suite.js';

let folder: string;
let weights: string;

// The command line on a small ring; encrypted.full.test.ts has the same under params_fast.
encryptedSuite({
  profile: 'params_test',
  protection: 'use params_test for experiments only',
  ringDimension: 2 ** 12,
  picture: (name) => join(folder, `${name}.png`),
  weights: () => weights,
  prepare: async (into) => {
    folder = into;
    weights = await writeResNet8(into);
    for (const [seed, name] of pictureNames.entries()) {
      await writeSmallPicture(into, name, seed);
    }
  },
  largestError: 0.1,
  largest: { keys: 12e6, memory: 0.4e9, request: 250e3, publicRequest: 500e3, answer: 60e3 },
});
