import { describe, expect, test } from 'vitest';
import type { LinearLayer } from '../../../src/lowering/layers.js';
import { layersOf } from '../../../src/lowering/lower.js';
import type { ConvolutionOperator } from '../../../src/lowering/operators.js';
import { factorWindows } from '../../../src/lowering/passes/factor-windows.js';
import type { Node, Pair, Shape } from '../../../src/network/graph.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateOperator } from '../../support/evaluate-layers.js';
import { type ConvolutionGeometry, convolutionNode, graphOf } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

/** The operator of a pool and the convolution that reads it, before and after. */
function operatorsOf(shape: Shape, kernel: Pair, geometry: ConvolutionGeometry): ConvolutionOperator[] {
  const pool: Node = { kind: 'average-pool', name: 'p', inputs: ['x'], kernel, stride: kernel };
  const layers = layersOf(graphOf(shape, [pool, convolutionNode('c', 'p', geometry, 2)]));
  return [layers, factorWindows(layers)].map((graph) => {
    const [layer] = graph.layers;
    return (layer as LinearLayer).branches[0]!.operator as ConvolutionOperator;
  });
}

/** The sum over the window that begins at each place; what lies beyond the border is never read. */
function windowSums([channels, height, width]: Shape, data: Float64Array, [rows, columns]: Pair): Float64Array {
  return data.map((_, index) => {
    const [x, y, channel] = [index % width, Math.floor(index / width) % height, Math.floor(index / (width * height))];
    let sum = channel < channels ? 0 : Number.NaN;
    for (let row = y; row < y + rows; row++) {
      for (let column = x; column < x + columns; column++) {
        sum += row < height && column < width ? data[(channel * height + row) * width + column]! : 1e9;
      }
    }
    return sum;
  });
}

describe('a convolution that was joined with an average pool', () => {
  test.each<{ what: string; kernel: Pair; geometry: ConvolutionGeometry; window: Pair; taps: number }>([
    { what: 'of 2 x 2', kernel: [2, 2], geometry: { weight: [3, 2, 3, 3] }, window: [2, 2], taps: 9 },
    { what: 'padded', kernel: [2, 2], geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] }, window: [2, 2], taps: 9 },
    {
      what: 'of 4 x 2, strided and circular',
      kernel: [4, 2],
      geometry: { weight: [4, 1, 2, 3], groups: 2, stride: [1, 2], pads: [0, 0, 1, 1], width: 'circular' },
      window: [4, 2],
      taps: 6,
    },
    { what: 'of 3 x 2', kernel: [3, 2], geometry: { weight: [3, 2, 2, 2] }, window: [1, 2], taps: 12 },
  ])('$what reads sums over windows, one for each tap', ({ kernel, geometry, window, taps }) => {
    const shape: Shape = [2, 12, 8];
    const [joined, apart] = operatorsOf(shape, kernel, geometry) as [ConvolutionOperator, ConvolutionOperator];
    expect(apart.window).toEqual(window);
    expect(apart.weight.shape[2]! * apart.weight.shape[3]!).toBe(taps);
    const image = randomTensor(shape, 5);
    const summed = tensor(shape, windowSums(shape, image.data, window));
    const expected = evaluateOperator(joined, image).data;
    expect(largestDifference(evaluateOperator(apart, summed).data, expected)).toBeLessThan(1e-12);
  });
});

test('weights that differ within windows are left as they are', () => {
  const layers = layersOf(graphOf([2, 8, 8], [convolutionNode('c', 'x', { weight: [3, 2, 4, 4], stride: [2, 2] }, 2)]));
  expect(factorWindows(layers)).toEqual(layers);
});
