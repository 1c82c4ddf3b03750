import type { Graph, Node } from '../../src/network/graph.js';
import { convolutionNode, denseNode, graphOf, quadraticNode, reluNode } from './nodes.js';
import { measureRanges } from './random-network.js';

const nodes: readonly Node[] = [
  convolutionNode('first', 'x', { weight: [4, 1, 3, 3] }, 1),
  quadraticNode('first.square', 'first', 4, 2),
  { kind: 'average-pool', name: 'pool', inputs: ['first.square'], kernel: [2, 2], stride: [2, 2] },
  convolutionNode('second', 'pool', { weight: [6, 4, 3, 3], pads: [1, 1, 1, 1] }, 3),
  quadraticNode('second.square', 'second', 6, 4),
  denseNode('scores', 'second.square', 5, 150, 5),
];

/**
 * No residual network: grey pictures of 12 x 12, a convolution without padding, an average pool, a convolution padded with
 * zeros, and a fully connected layer; square activations. Three levels where squares take none.
 */
export const smallGraph: Graph = ranged(graphOf([1, 12, 12], nodes));

/** The same with ReLU in place of the first square: eight levels where its polynomial takes five. */
export const mixedGraph: Graph = ranged(
  graphOf(
    [1, 12, 12],
    nodes.map((node) => (node.name === 'first.square' ? reluNode('first.square', 'first') : node)),
  ),
);

function ranged(graph: Graph): Graph {
  const ranges = measureRanges(graph);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (node.kind === 'activation' ? { ...node, range: ranges.get(node.name) } : node)),
  };
}
