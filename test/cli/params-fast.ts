import { fileURLToPath } from 'node:url';
import type { EncryptedSetting } from './encrypted-suite.js';

/** The default profile, with its weights and pictures, within the sizes that the documents promise. */
export const paramsFast: EncryptedSetting = {
  profile: 'params_fast',
  protection: 'encrypted, params_fast, about 128 bits classical, about 85 post-quantum',
  ringDimension: 2 ** 16,
  picture: (name) => fileURLToPath(new URL(`../../inputs/${name}.png`, import.meta.url)),
  weights: () => undefined,
  prepare: async () => {},
  largestError: 1,
  largest: { keys: 0.6e9, memory: 1.2e9, request: 9e6, publicRequest: 18e6, answer: 100e3 },
};
