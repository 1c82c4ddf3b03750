import { describe, expect, test } from 'vitest';
import { noTaps, type Taps } from '../../../src/circuit/port.js';
import { linearLayersOf } from '../../../src/lowering/layers.js';
import { groupLinearLayers } from '../../../src/lowering/passes/group-linear-layers.js';
import { layTaps } from '../../../src/lowering/passes/lay-taps.js';
import { forward } from '../../../src/network/forward.js';
import type { Node } from '../../../src/network/graph.js';
import { type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateLayers } from '../../support/evaluate-layers.js';
import { type ConvolutionGeometry, convolutionNode, graphOf, quadraticNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const image = randomTensor([2, 5, 6], 1);

/** Channel tap * 2 + colour at a column is the colour at column + tap * dilation - left. */
function laid({ count, left, dilation, circular }: Taps): Tensor {
  const result = tensor([2 * count, 5, 6]);
  for (const index of result.data.keys()) {
    const column = index % 6;
    const row = Math.floor(index / 6) % 5;
    const channel = Math.floor(index / 30);
    const reached = column + Math.floor(channel / 2) * dilation - left;
    const source = circular ? (reached + 6) % 6 : reached;
    result.data[index] = source < 0 || source > 5 ? 0 : image.data[((channel % 2) * 5 + row) * 6 + source]!;
  }
  return result;
}

describe('the first convolution reads the columns that the client has laid out', () => {
  test.each<{ what: string; geometry: ConvolutionGeometry; taps: Taps }>([
    {
      what: 'zero-padded',
      geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] },
      taps: { count: 3, left: 1, dilation: 1, circular: false },
    },
    {
      what: 'circular, wider than high',
      geometry: { weight: [3, 2, 2, 5], pads: [1, 0, 2, 2], width: 'circular' },
      taps: { count: 5, left: 2, dilation: 1, circular: true },
    },
    {
      what: 'without padding',
      geometry: { weight: [3, 2, 3, 3] },
      taps: { count: 3, left: 0, dilation: 1, circular: false },
    },
    {
      what: 'strided and dilated',
      geometry: { weight: [3, 2, 3, 2], stride: [1, 2], dilation: [2, 3], pads: [2, 2, 1, 0] },
      taps: { count: 2, left: 1, dilation: 3, circular: false },
    },
    {
      what: 'padded on one side by more than it reaches',
      geometry: { weight: [3, 2, 3, 3], stride: [1, 2], pads: [1, 1, 2, 0] },
      taps: { count: 3, left: 2, dilation: 1, circular: false },
    },
  ])('$what', ({ geometry, taps }) => {
    const network = graphOf(
      [2, 5, 6],
      [
        convolutionNode('c', 'x', geometry, 2),
        quadraticNode('a', 'c', 3, 3),
        convolutionNode('d', 'a', { weight: [2, 3, 2, 2] }, 4),
      ],
    );
    const prepared = layTaps(groupLinearLayers(network));
    expect(prepared.taps).toEqual(taps);
    expect(prepared.graph.input.shape).toEqual([2 * taps.count, 5, 6]);
    const [first] = linearLayersOf(prepared.graph);
    const [outputs, colours, height] = geometry.weight;
    expect(first?.branches[0]?.operator).toMatchObject({
      weight: { shape: [outputs, colours * taps.count, height, 1] },
      padding: { left: 0, right: 0 },
    });
    const values = evaluateLayers(prepared.graph, laid(prepared.taps));
    expect(largestDifference(values.get(prepared.graph.output)!.data, forward(network, image))).toBeLessThan(1e-12);
  });
});

describe('nothing is left to the client', () => {
  const same = { weight: [2, 2, 3, 3], pads: [1, 1, 1, 1] } as const;
  test.each<{ what: string; nodes: readonly Node[] }>([
    {
      what: 'where others read the input too',
      nodes: [convolutionNode('c', 'x', same, 2), { kind: 'add', name: 'sum', inputs: ['c', 'x'] }],
    },
    {
      what: 'where the convolution is in groups',
      nodes: [convolutionNode('c', 'x', { ...same, weight: [2, 1, 3, 3], groups: 2 }, 2)],
    },
    { what: 'where an activation comes first', nodes: [quadraticNode('a', 'x', 2, 2)] },
    {
      what: 'where the result is wider than the input',
      nodes: [convolutionNode('c', 'x', { weight: [2, 2, 3, 3], pads: [1, 1, 2, 2] }, 2)],
    },
  ])('$what', ({ nodes }) => {
    const graph = groupLinearLayers(graphOf([2, 5, 6], nodes));
    expect(layTaps(graph)).toEqual({ graph, taps: noTaps });
  });
});
