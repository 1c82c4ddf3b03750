import { expect, test } from 'vitest';
import { foldBatchNormalization } from '../../../src/lowering/passes/fold-batch-normalization.js';
import { forward } from '../../../src/network/forward.js';
import type { Graph, Node } from '../../../src/network/graph.js';
import { largestDifference } from '../../support/differences.js';
import { convolutionNode, denseNode, graphOf, normalizationNode, quadraticNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const image = randomTensor([2, 4, 6], 1);
const same = { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] } as const;

function expectSame(graph: Graph): readonly Node[] {
  const folded = foldBatchNormalization(graph);
  expect(folded.nodes.map(({ kind }) => kind)).not.toContain('batch-normalization');
  expect(largestDifference(forward(folded, image), forward(graph, image))).toBeLessThan(1e-12);
  return folded.nodes;
}

test('one behind a convolution goes into its weights and bias', () => {
  const nodes = expectSame(
    graphOf(
      [2, 4, 6],
      [convolutionNode('c', 'x', same, 2), normalizationNode('n', 'c', 3, 3), quadraticNode('a', 'n', 3, 4)],
    ),
  );
  expect(nodes.map(({ name, inputs }) => [name, ...inputs])).toEqual([
    ['c', 'x'],
    ['a', 'c'],
  ]);
});

test('one behind a fully connected layer does too, as the output of the graph', () => {
  const nodes = expectSame(graphOf([2, 4, 6], [denseNode('d', 'x', 5, 48, 2), normalizationNode('n', 'd', 5, 3)]));
  expect(nodes.map(({ name }) => name)).toEqual(['d']);
});

test('two in a row go into one convolution, grouped and strided', () => {
  const grouped = { weight: [4, 1, 3, 3], groups: 2, stride: [2, 1], pads: [1, 1, 1, 1] } as const;
  const nodes = expectSame(
    graphOf(
      [2, 4, 6],
      [convolutionNode('c', 'x', grouped, 2), normalizationNode('n', 'c', 4, 3), normalizationNode('m', 'n', 4, 5)],
    ),
  );
  expect(nodes).toHaveLength(1);
});

test('one of an input, of an activation or of a value that others read too becomes a convolution of its own', () => {
  const nodes = expectSame(
    graphOf(
      [2, 4, 6],
      [
        normalizationNode('n1', 'x', 2, 3),
        convolutionNode('c', 'n1', same, 2),
        normalizationNode('n2', 'c', 3, 5),
        quadraticNode('a', 'c', 3, 6),
        normalizationNode('n3', 'a', 3, 7),
        { kind: 'add', name: 'sum', inputs: ['n2', 'n3'] },
      ],
    ),
  );
  expect(nodes.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'n1 convolution',
    'c convolution',
    'n2 convolution',
    'a activation',
    'n3 convolution',
    'sum add',
  ]);
});
