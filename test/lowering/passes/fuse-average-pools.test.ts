import { describe, expect, test } from 'vitest';
import { fuseAveragePools } from '../../../src/lowering/passes/fuse-average-pools.js';
import { forward } from '../../../src/network/forward.js';
import type { Graph, Node, Pair } from '../../../src/network/graph.js';
import { largestDifference } from '../../support/differences.js';
import { type ConvolutionGeometry, convolutionNode, denseNode, graphOf, quadraticNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const image = randomTensor([2, 6, 8], 1);

function pool(name: string, input: string, kernel: Pair, stride: Pair = kernel): Node {
  return { kind: 'average-pool', name, inputs: [input], kernel, stride };
}

/** Names and kinds of the nodes that are left. */
function expectSame(graph: Graph): string[] {
  const fused = fuseAveragePools(graph);
  expect(fused.nodes.map(({ kind }) => kind)).not.toContain('average-pool');
  expect(largestDifference(forward(fused, image), forward(graph, image))).toBeLessThan(1e-12);
  return fused.nodes.map(({ name }) => name);
}

describe('before a fully connected layer', () => {
  test.each<{ what: string; kernel: Pair; stride: Pair; inputs: number }>([
    { what: 'of everything', kernel: [6, 8], stride: [6, 8], inputs: 2 },
    { what: 'of tiles', kernel: [2, 4], stride: [2, 4], inputs: 12 },
    { what: 'of windows that overlap', kernel: [3, 3], stride: [1, 2], inputs: 24 },
    { what: 'of windows with gaps, that leave a rest', kernel: [2, 2], stride: [3, 3], inputs: 12 },
  ])('a pool $what is joined with it', ({ kernel, stride, inputs }) => {
    const nodes = [pool('p', 'x', kernel, stride), denseNode('d', 'p', 3, inputs, 2)];
    expect(expectSame(graphOf([2, 6, 8], nodes))).toEqual(['d']);
  });
});

describe('before a convolution', () => {
  test.each<{ what: string; geometry: ConvolutionGeometry }>([
    { what: 'zero-padded', geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] } },
    { what: 'circular', geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1], width: 'circular' } },
    { what: 'strided', geometry: { weight: [3, 2, 2, 3], stride: [2, 1], pads: [1, 0, 0, 1] } },
    { what: 'dilated', geometry: { weight: [3, 2, 2, 2], dilation: [2, 3], pads: [1, 1, 1, 1] } },
    { what: 'grouped', geometry: { weight: [4, 1, 1, 1], groups: 2 } },
  ])('tiles are joined with one that is $what', ({ geometry }) => {
    const nodes = [pool('p', 'x', [2, 2]), convolutionNode('c', 'p', geometry, 2)];
    expect(expectSame(graphOf([2, 6, 8], nodes))).toEqual(['c']);
  });

  test.each<{ what: string; kernel: Pair; stride: Pair }>([
    { what: 'overlap', kernel: [3, 3], stride: [1, 1] },
    { what: 'leave a rest', kernel: [4, 3], stride: [4, 3] },
  ])('windows that $what stay apart', ({ kernel, stride }) => {
    const nodes = [
      pool('p', 'x', kernel, stride),
      convolutionNode('c', 'p', { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] }, 2),
    ];
    expect(expectSame(graphOf([2, 6, 8], nodes))).toEqual(['p', 'c']);
  });
});

test('a pool that several nodes, an activation or nothing reads becomes a convolution', () => {
  const nodes = [
    pool('p', 'x', [2, 2]),
    convolutionNode('c', 'p', { weight: [2, 2, 3, 3], pads: [1, 1, 1, 1] }, 2),
    { kind: 'add', name: 'sum', inputs: ['c', 'p'] } as const,
    quadraticNode('a', 'sum', 2, 3),
    pool('q', 'a', [3, 2], [1, 2]),
    quadraticNode('b', 'q', 2, 4),
    pool('r', 'b', [1, 2]),
  ];
  expect(expectSame(graphOf([2, 6, 8], nodes))).toEqual(['p', 'c', 'sum', 'a', 'q', 'b', 'r']);
});

test('of two pools in a row the second is joined with the reader', () => {
  const nodes = [pool('p', 'x', [2, 2]), pool('q', 'p', [3, 2]), denseNode('d', 'q', 3, 4, 2)];
  expect(expectSame(graphOf([2, 6, 8], nodes))).toEqual(['p', 'd']);
});
