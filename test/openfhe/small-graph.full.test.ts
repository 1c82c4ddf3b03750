import { expect, it } from 'vitest';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { batch } from '../../src/lowering/layouts/batch.js';
import { columnsOutermost } from '../../src/lowering/layouts/columns-outermost.js';
import { forward } from '../../src/network/forward.js';
import { largestDifference } from '../support/differences.js';
import { scoresEncrypted } from '../support/encrypted-run.js';
import { randomImage } from '../support/random-network.js';
import { smallGraph } from '../support/small-graph.js';
import { describeOpenFhe, leveledParameters } from './parameters.js';

describeOpenFhe('a small graph that is no residual network, on OpenFHE', () => {
  // Three linear layers and two squares, which OpenFHE rescales.
  const parameters = leveledParameters({ levels: 5, scalingModulusBits: 40, firstModulusBits: 55 });

  it.each([columnsOutermost, batch])('two images, $name: the scores of the plain network', async (strategy) => {
    const images = [1, 2].map((seed) => randomImage(smallGraph, 100 + seed));
    const engine = await openOpenFheEngine(parameters);
    try {
      const scores = await scoresEncrypted(engine, smallGraph, parameters, images, strategy);
      for (const [index, image] of images.entries()) {
        expect(largestDifference(scores[index]!, forward(smallGraph, image))).toBeLessThan(1e-5);
      }
    } finally {
      engine.dispose();
    }
  });
});
