import { describe, expect, test } from 'vitest';
import { capacityOf, packingFor } from '../../src/circuit/port.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { batch } from '../../src/lowering/layouts/batch.js';
import { columnsOutermost } from '../../src/lowering/layouts/columns-outermost.js';
import { forward } from '../../src/network/forward.js';
import type { Node, Shape } from '../../src/network/graph.js';
import { planCircuit } from '../../src/planning/complete.js';
import { searchPlan } from '../../src/planning/search.js';
import { largestDifference } from '../support/differences.js';
import { convolutionNode, denseNode, graphOf, normalizationNode, quadraticNode } from '../support/nodes.js';
import { testParameters } from '../support/parameters.js';
import { randomTensor } from '../support/random.js';
import { scoresThrough } from '../support/run-steps.js';

const parameters = testParameters({});
const zero = { pads: [1, 1, 1, 1] } as const;
const circular = { pads: [1, 1, 1, 1], width: 'circular' } as const;

const networks: readonly { what: string; shape: Shape; nodes: readonly Node[] }[] = [
  {
    what: 'two convolutions without padding, a pool between them, on 16 x 16',
    shape: [1, 16, 16],
    nodes: [
      convolutionNode('c', 'x', { weight: [3, 1, 5, 5] }, 2),
      quadraticNode('a', 'c', 3, 3),
      { kind: 'average-pool', name: 'p', inputs: ['a'], kernel: [2, 2], stride: [2, 2] },
      convolutionNode('d', 'p', { weight: [4, 3, 3, 3] }, 4),
      quadraticNode('b', 'd', 4, 5),
      denseNode('e', 'b', 6, 64, 6),
      quadraticNode('f', 'e', 6, 7),
      denseNode('g', 'f', 3, 6, 8),
    ],
  },
  {
    what: 'odd extents, strides of 2 and 3, grouped and dilated, circular in part',
    shape: [2, 5, 7],
    nodes: [
      convolutionNode('c', 'x', { weight: [4, 2, 3, 3], stride: [2, 1], ...circular }, 2),
      quadraticNode('a', 'c', 4, 3),
      convolutionNode(
        'd',
        'a',
        { weight: [4, 2, 2, 3], groups: 2, dilation: [1, 2], stride: [1, 3], pads: [1, 0, 2, 2] },
        4,
      ),
      normalizationNode('n', 'd', 4, 5),
      quadraticNode('b', 'n', 4, 6),
      denseNode('e', 'b', 5, 36, 7),
    ],
  },
  {
    what: 'sums, concatenations and values that several nodes read, circular',
    shape: [3, 8, 8],
    nodes: [
      convolutionNode('c', 'x', { weight: [4, 3, 3, 3], ...circular }, 2),
      convolutionNode('s', 'x', { weight: [4, 3, 1, 1] }, 3),
      { kind: 'add', name: 'first', inputs: ['c', 's'] },
      quadraticNode('a', 'first', 4, 4),
      convolutionNode('d', 'a', { weight: [4, 4, 3, 3], ...circular }, 5),
      { kind: 'add', name: 'second', inputs: ['first', 'd'] },
      { kind: 'concatenate', name: 'joined', inputs: ['second', 'a'] },
      quadraticNode('b', 'joined', 8, 6),
      { kind: 'average-pool', name: 'p', inputs: ['b'], kernel: [8, 8], stride: [8, 8] },
      denseNode('e', 'p', 3, 8, 7),
    ],
  },
  {
    what: 'a pool of everything that a convolution reads, and an output that is an activation',
    shape: [2, 6, 6],
    nodes: [
      convolutionNode('c', 'x', { weight: [3, 2, 3, 3], ...zero }, 2),
      quadraticNode('a', 'c', 3, 3),
      { kind: 'average-pool', name: 'p', inputs: ['a'], kernel: [6, 6], stride: [6, 6] },
      quadraticNode('b', 'p', 3, 4),
      convolutionNode('d', 'b', { weight: [5, 3, 1, 1] }, 5),
      quadraticNode('f', 'd', 5, 6),
      denseNode('e', 'f', 4, 5, 7),
      quadraticNode('g', 'e', 4, 8),
    ],
  },
  {
    what: 'down and up again, with a value of the way down',
    shape: [2, 8, 8],
    nodes: [
      convolutionNode('c', 'x', { weight: [2, 2, 3, 3], ...circular }, 2),
      quadraticNode('a', 'c', 2, 3),
      convolutionNode('d', 'a', { weight: [4, 2, 3, 3], stride: [2, 2], ...circular }, 4),
      quadraticNode('b', 'd', 4, 5),
      { kind: 'upsample', name: 'u', inputs: ['b'], factor: [2, 2] },
      { kind: 'concatenate', name: 'joined', inputs: ['u', 'a'] },
      quadraticNode('f', 'joined', 6, 6),
      denseNode('e', 'f', 3, 384, 7),
    ],
  },
  {
    what: 'larger in the middle than at the start',
    shape: [2, 4, 6],
    nodes: [
      { kind: 'upsample', name: 'u', inputs: ['x'], factor: [2, 2] },
      quadraticNode('a', 'u', 2, 2),
      convolutionNode('c', 'a', { weight: [3, 2, 3, 3], pads: [2, 2, 2, 2] }, 3),
      quadraticNode('b', 'c', 3, 4),
      denseNode('e', 'b', 3, 420, 5),
    ],
  },
];

describe.each([columnsOutermost, batch])('$name', (strategy) => {
  test.each(networks)('$what', async ({ shape, nodes }) => {
    const graph = graphOf(shape, nodes);
    const plan = searchPlan(graph, parameters, 'searched', strategy);
    const largest = plan.packing;
    const { client, evaluator } = openSimulator(parameters).openWithoutKeys();
    for (const count of [1, Math.min(3, capacityOf(largest))]) {
      const packing = packingFor(largest, count);
      const circuit = planCircuit(graph, parameters, packing, plan);
      const images = Array.from({ length: count }, (_, index) => randomTensor(shape, 50 + index));
      const scores = await scoresThrough({ client, evaluator }, circuit, images, false);
      for (const [index, image] of images.entries()) {
        const expected = forward(graph, image);
        const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(largestDifference(scores[index]!, expected) / size).toBeLessThan(1e-9);
      }
    }
  });
});

test('batch upsamples by any factor; where columns lie in the slots, what does not fit there is refused', async () => {
  const nodes = [
    convolutionNode('c', 'x', { weight: [2, 2, 3, 3], ...circular }, 2),
    { kind: 'upsample', name: 'u', inputs: ['c'], factor: [1, 3] } as const,
    denseNode('e', 'u', 3, 96, 5),
  ];
  const graph = graphOf([2, 4, 4], nodes);
  const packing = { positions: 1, imaginary: false };
  const plan = searchPlan(graph, parameters, 'searched', batch);
  const circuit = planCircuit(graph, parameters, packing, plan);
  const image = randomTensor([2, 4, 4], 1);
  const [scores] = await scoresThrough(openSimulator(parameters).openWithoutKeys(), circuit, [image], false);
  expect(largestDifference(scores!, forward(graph, image))).toBeLessThan(1e-9);
  await expect(async () => searchPlan(graph, parameters, 'searched')).rejects.toThrow(
    /u: a result of shape \[2, 4, 12\] has no room/,
  );
});
