import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { forward } from '../../src/network/forward.js';
import { inputOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';

const folder = fileURLToPath(new URL('fixtures/', import.meta.url));

/** scores-<network>.json: scores that PyTorch gave in float64 for each picture beside it, written by `training/`. */
export const fixtures = readdirSync(folder).filter((name) => /^scores-.*\.json$/.test(name));

/** Compares the reference forward pass with PyTorch on the `chosen` pictures of every fixture. */
export function paritySuite(chosen: (picture: string) => boolean, count: number): void {
  describe.each(fixtures)('%s', (fixture) => {
    test(`the reference forward pass gives the scores of PyTorch on ${count} pictures`, async () => {
      const { graph } = await loadNetwork(weightsPath(fixture.replace(/^scores-|\.json$/g, '')));
      const scores: Record<string, number[]> = JSON.parse(readFileSync(folder + fixture, 'utf8'));
      const expected = Object.entries(scores).filter(([picture]) => chosen(picture));
      expect(expected).toHaveLength(count);
      let largest = 0;
      for (const [picture, of] of expected) {
        const found = forward(
          graph,
          normalise(await loadImage(folder + picture, { shape: [3, 32, 32] }), inputOf(graph)),
        );
        expect(found).toHaveLength(of.length);
        largest = Math.max(largest, ...of.map((score, index) => Math.abs(score - found[index]!)));
      }
      expect(largest).toBeLessThan(1e-4);
    });
  });
}
