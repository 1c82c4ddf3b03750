import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fixtures, paritySuite } from './parity.js';

test('there is a fixture for every network in weights/', () => {
  const networks = readdirSync(fileURLToPath(new URL('../../weights', import.meta.url)))
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => name.replace('.safetensors', ''));
  expect(networks).toContain('square-resnet20');
  expect([...fixtures].sort()).toEqual(networks.map((name) => `scores-${name}.json`).sort());
});

// One of each class; parity.full.test.ts takes all hundred.
paritySuite((picture) => picture.endsWith('-0001.png'), 10);
