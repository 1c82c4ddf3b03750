import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { batch } from '../../src/lowering/layouts/batch.js';
import { forward } from '../../src/network/forward.js';
import { type Graph, inputOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { largestDifference } from '../support/differences.js';
import { scoresEncrypted } from '../support/encrypted-run.js';
import { testParameters } from '../support/parameters.js';

/** The moduli of params_fast in a ring of 2^12, which has 32 positions for pictures of 32 x 32. */
const parameters = testParameters({ levels: 20 });
const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

describe('ResNet-20 with its weights in batch layouts, 16 pictures at once', () => {
  let graph: Graph;
  let images: Tensor[];
  let expected: Float64Array[];

  beforeAll(async () => {
    ({ graph } = await loadNetwork(weightsPath('square-resnet20')));
    const pictures = await Promise.all(names.map((name) => pictureOf(name)));
    images = [...pictures, ...pictures.slice(0, 6).map(mirrored)];
    expected = images.map((image) => forward(graph, image));
  });

  async function pictureOf(name: string): Promise<Tensor> {
    const file = fileURLToPath(new URL(`../../inputs/${name}.png`, import.meta.url));
    return normalise(await loadImage(file, { shape: [3, 32, 32] }), inputOf(graph));
  }

  test('on the simulator without noise: the scores of the plain network', async () => {
    const scores = await scoresEncrypted(openSimulator(parameters), graph, parameters, images, batch);
    expect(scores).toHaveLength(16);
    for (const [index, found] of scores.entries()) {
      expect(largestDifference(found, expected[index]!)).toBeLessThan(1e-9);
    }
  });

  test('on the ckks engine: the same classes, and scores within the noise', async () => {
    const engine = await openCkksEngine(parameters);
    try {
      const scores = await scoresEncrypted(engine, graph, parameters, images, batch);
      expect(scores.map(classOf)).toEqual(expected.map(classOf));
      for (const [index, found] of scores.entries()) {
        expect(largestDifference(found, expected[index]!)).toBeLessThan(0.05);
        expect(largestDifference(found, expected[index]!)).toBeGreaterThan(0);
      }
    } finally {
      engine.dispose();
    }
  });
});

function mirrored({ shape, data }: Tensor): Tensor {
  const width = shape[2]!;
  return tensor(
    shape,
    data.map((_, index) => data[index - (index % width) + width - 1 - (index % width)]!),
  );
}

function classOf(scores: Float64Array): number {
  return scores.indexOf(Math.max(...scores));
}
