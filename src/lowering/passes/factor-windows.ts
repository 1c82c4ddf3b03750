import type { Pair } from '../../network/graph.js';
import { tensor } from '../../tensor/tensor.js';
import type { Branch, Layer, LayerGraph } from '../layers.js';
import type { ConvolutionOperator } from '../operators.js';

/**
 * Takes sums over windows out of convolutions whose weights are the same throughout windows, as those are that were joined
 * with an average pool: a sum is a rotation for each doubling of the window, where each tap is a diagonal. The graph
 * computes the same.
 */
export function factorWindows(graph: LayerGraph): LayerGraph {
  const layers = graph.layers.map((layer): Layer => {
    return layer.kind === 'linear' ? { ...layer, branches: layer.branches.map(factored) } : layer;
  });
  return { ...graph, layers };
}

function factored(branch: Branch): Branch {
  const { operator } = branch;
  if (operator.kind !== 'convolution' || operator.dilation.some((distance) => distance !== 1)) {
    return branch;
  }
  const window: Pair = [windowAlong(operator, 0), windowAlong(operator, 1)];
  return window[0] * window[1] === 1 ? branch : { ...branch, operator: onSums(operator, window) };
}

/** The largest power of two, in rows or columns, in which windows tile the kernel and its places, with equal weights. */
function windowAlong(operator: ConvolutionOperator, axis: 0 | 1): number {
  const { weight, stride, padding, input } = operator;
  const [, , height, width] = weight.shape as [number, number, number, number];
  const before = axis === 0 ? padding.top : padding.left;
  const extents = [axis === 0 ? height : width, stride[axis], before, input[axis + 1]!];
  let window = 1;
  while (extents.every((extent) => extent % (2 * window) === 0) && isConstant(operator, axis, 2 * window)) {
    window *= 2;
  }
  return window;
}

function isConstant({ weight }: ConvolutionOperator, axis: 0 | 1, window: number): boolean {
  const [, , height, width] = weight.shape as [number, number, number, number];
  const step = axis === 0 ? width : 1;
  const extent = axis === 0 ? height : width;
  return weight.data.every((value, index) => {
    const place = Math.floor(index / step) % extent;
    return value === weight.data[index - (place % window) * step];
  });
}

/** The convolution that reads sums over windows, each at the window's first place. */
function onSums(operator: ConvolutionOperator, window: Pair): ConvolutionOperator {
  const [outputs, inputs, height, width] = operator.weight.shape as [number, number, number, number];
  const weight = tensor([outputs, inputs, height / window[0], width / window[1]]);
  for (let index = 0; index < weight.data.length; index++) {
    const column = (index % (width / window[1])) * window[1];
    const row = (Math.floor((index * window[1]) / width) % (height / window[0])) * window[0];
    const plane = Math.floor((index * window[0] * window[1]) / (width * height));
    weight.data[index] = operator.weight.data[(plane * height + row) * width + column]!;
  }
  return { ...operator, weight, dilation: window, window };
}
