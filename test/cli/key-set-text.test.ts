import { expect, test } from 'vitest';
import { renderKeySet } from '../../src/cli/key-set-text.js';
import type { KeySetSummary } from '../../src/operations/key-set-summary.js';

const keySet: KeySetSummary = {
  folder: '/keys/params_fast',
  previousFolder: null,
  profile: 'params_fast',
  engine: 'ckks',
  security: { bits: 128, quantumBits: 85, logQP: 1714, ringDimension: 65536, secret: 'uniform-ternary' },
  secretBytes: 108,
  publicKeyBytes: 7_078_144,
  publicKeyFingerprint: 'ab'.repeat(32),
  keyBytes: 377_472_000,
  files: 36,
  rotations: 33,
  seconds: 2,
  peakRssBytes: 1,
};

const lines = (changes: Partial<KeySetSummary>) => renderKeySet({ ...keySet, ...changes }, (text) => text).split('\n');

test('says of each part of a key set whom it is for', () => {
  expect(lines({}).slice(3, 7)).toEqual([
    '  secret      108 B, stays with you',
    '  public      7.1 MB, may be given to whoever encrypts for you',
    `  fingerprint ${'ab'.repeat(32)}, of the public key`,
    '  evaluation  377.5 MB in 36 files, may be given to the machine that computes',
  ]);
});

test('says how secure the keys are against both kinds of attack', () => {
  expect(lines({})[2]).toBe(
    '  security    about 128 bits classical, about 85 post-quantum (ring 65536, log QP 1714, uniform-ternary)',
  );
});

test('a set that takes the place of another as the current one: how to go back', () => {
  expect(lines({}).at(-1)).toBe('This is now the current key set.');
  expect(lines({ previousFolder: '/keys/mine' }).at(-1)).toBe(
    'This is now the current key set; resnet20-fhe load-keys /keys/mine goes back to the one before.',
  );
});

test('what a machine was not given is said not to be here', () => {
  expect(lines({ secretBytes: null, publicKeyBytes: null, publicKeyFingerprint: null }).slice(3, 6)).toEqual([
    '  secret      not here; scores can be read only with it',
    '  public      not here',
    '  evaluation  377.5 MB in 36 files, may be given to the machine that computes',
  ]);
  expect(lines({ keyBytes: null, files: 0 })[6]).toBe('  evaluation  not here; nothing can be computed without them');
});

test('a set without a public key: says so, and which command makes one that has it', () => {
  expect(lines({ publicKeyBytes: null })[4]).toBe(
    '  public      none, the set was made without one; a new set has one: resnet20-fhe generate-keys params_fast --force',
  );
});
