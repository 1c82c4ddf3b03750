import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { forward } from '../../src/network/forward.js';
import { inputOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';

// scores-<network>.json: scores that PyTorch gave in float64 for each picture beside it, written by `training/`.
const folder = fileURLToPath(new URL('fixtures/', import.meta.url));
const fixtures = readdirSync(folder).filter((name) => /^scores-.*\.json$/.test(name));

test('there is a fixture for every network in weights/', () => {
  const networks = readdirSync(fileURLToPath(new URL('../../weights', import.meta.url)))
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => name.replace('.safetensors', ''));
  expect(networks).toContain('square-resnet20');
  expect(fixtures.sort()).toEqual(networks.map((name) => `scores-${name}.json`).sort());
});

describe.each(fixtures)('%s', (fixture) => {
  test('the reference forward pass gives the scores of PyTorch', async () => {
    const { graph } = await loadNetwork(weightsPath(fixture.replace(/^scores-|\.json$/g, '')));
    const expected: Record<string, number[]> = JSON.parse(readFileSync(folder + fixture, 'utf8'));
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(10);
    let largest = 0;
    for (const [picture, scores] of Object.entries(expected)) {
      const found = forward(graph, normalise(await loadImage(folder + picture, { side: 32 }), inputOf(graph)));
      expect(found).toHaveLength(scores.length);
      largest = Math.max(largest, ...scores.map((score, index) => Math.abs(score - found[index]!)));
    }
    expect(largest).toBeLessThan(1e-4);
  });
});
