import { expect, test } from 'vitest';
import type { ActivationLayer } from '../../../src/lowering/layers.js';
import { foldActivations } from '../../../src/lowering/passes/fold-activations.js';
import { groupLinearLayers } from '../../../src/lowering/passes/group-linear-layers.js';
import type { Node } from '../../../src/network/graph.js';
import { type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateLayers } from '../../support/evaluate-layers.js';
import { convolutionNode, denseNode, graphOf, quadraticNode, reluNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const image = randomTensor([3, 4, 6], 1);
const same = { weight: [3, 3, 3, 3], pads: [1, 1, 1, 1] } as const;

/** What is left to compute: u^2, or ReLU(bound u) / bound = ReLU(u). */
function bare({ function: of }: ActivationLayer, input: Tensor): Tensor {
  return tensor(
    input.shape,
    input.data.map((u) => (of.name === 'quadratic' ? u * u : Math.max(0, u))),
  );
}

/** Folds and compares the outputs; returns the values of both. */
function expectSame(nodes: readonly Node[]) {
  const graph = groupLinearLayers(graphOf([3, 4, 6], nodes));
  const folded = foldActivations(graph);
  const stated = evaluateLayers(graph, image);
  const left = evaluateLayers(folded, image, bare);
  const expected = stated.get(graph.output)!.data;
  const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  expect(largestDifference(left.get(folded.output)!.data, expected) / size).toBeLessThan(1e-12);
  return { stated, left };
}

test('quadratics: what is left is a square, whose input is within 1 where the range says so', () => {
  const { stated, left } = expectSame([
    convolutionNode('c', 'x', same, 2),
    { ...quadraticNode('a', 'c', 3, 3), range: { max: 99, quantile9999: 99, bound: 99 } } as Node,
    convolutionNode('d', 'a', same, 4),
    quadraticNode('b', 'd', 3, 5),
    denseNode('head', 'b', 2, 72, 6),
  ]);
  expect(Math.max(...stated.get('c')!.data.map(Math.abs))).toBeLessThan(99);
  expect(Math.max(...left.get('c')!.data.map(Math.abs))).toBeLessThan(1);
});

test('ReLU: inputs are divided by the bound', () => {
  const { stated, left } = expectSame([
    convolutionNode('c', 'x', same, 2),
    reluNode('a', 'c'),
    convolutionNode('d', 'a', { weight: [2, 3, 3, 3] }, 4),
  ]);
  const bound = 5;
  expect(
    largestDifference(
      left.get('c')!.data.map((u) => bound * u),
      stated.get('c')!.data,
    ),
  ).toBeLessThan(1e-12);
});

test('constants that reach a border: padded, grouped and strided readers, upsampling, sums and concatenations', () => {
  expectSame([
    convolutionNode('c', 'x', same, 2),
    quadraticNode('a', 'c', 3, 3),
    convolutionNode('d', 'a', { weight: [6, 1, 3, 3], groups: 3, pads: [1, 1, 1, 1], stride: [2, 2] }, 4),
    { kind: 'upsample', name: 'u', inputs: ['d'], factor: [2, 2] },
    { kind: 'concatenate', name: 'joined', inputs: ['a', 'u', 'x'] },
    quadraticNode('b', 'joined', 12, 5),
    { kind: 'upsample', name: 'v', inputs: ['b'], factor: [1, 2] },
    quadraticNode('e', 'v', 12, 6),
    convolutionNode('f', 'e', { weight: [2, 12, 2, 2], dilation: [2, 3], pads: [0, 1, 2, 1], width: 'circular' }, 7),
  ]);
});

test('a sum that an activation and a later sum read', () => {
  expectSame([
    convolutionNode('c', 'x', same, 2),
    { kind: 'add', name: 'first', inputs: ['c', 'x'] },
    quadraticNode('a', 'first', 3, 3),
    convolutionNode('d', 'a', same, 4),
    { kind: 'add', name: 'second', inputs: ['first', 'd'] },
    quadraticNode('b', 'second', 3, 5),
    quadraticNode('e', 'second', 3, 6),
    { kind: 'add', name: 'third', inputs: ['second', 'b', 'e'] },
  ]);
});

test('activations of activations, of the input, and as the output', () => {
  expectSame([quadraticNode('a', 'x', 3, 2), quadraticNode('b', 'a', 3, 3)]);
});
