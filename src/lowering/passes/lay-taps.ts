import { noTaps, type Taps } from '../../circuit/port.js';
import type { Shape } from '../../network/graph.js';
import { tensor } from '../../tensor/tensor.js';
import type { Layer, LayerGraph } from '../layers.js';
import type { ConvolutionOperator } from '../operators.js';

/**
 * Leaves the horizontal taps of the first convolution to the client, so that it reads no other column and needs no
 * rotation by columns. Only where that convolution is all that reads the input, in one group, and its result has no columns
 * beyond those of the input.
 */
export function layTaps(graph: LayerGraph): { readonly graph: LayerGraph; readonly taps: Taps } {
  const readers = graph.layers.flatMap((layer) =>
    layer.kind === 'linear' ? layer.branches.filter(({ source }) => source === graph.input.name) : [],
  );
  const [reader] = readers;
  const operator = reader?.operator;
  if (
    readers.length !== 1 ||
    operator?.kind !== 'convolution' ||
    operator.groups !== 1 ||
    isWider(operator) ||
    operator.window
  ) {
    return { graph, taps: noTaps };
  }
  const { padding, dilation, weight } = operator;
  const taps: Taps = {
    count: weight.shape[3]!,
    left: padding.left,
    dilation: dilation[1],
    circular: padding.width === 'circular',
  };
  const [colours, height, width] = graph.input.shape;
  const shape: Shape = [colours * taps.count, height, width];
  const laid = tapsAsChannels(operator, shape);
  const layers = graph.layers.map(
    (layer): Layer =>
      layer.kind === 'linear'
        ? {
            ...layer,
            branches: layer.branches.map((branch) => (branch === reader ? { ...branch, operator: laid } : branch)),
          }
        : layer,
  );
  return { graph: { ...graph, input: { ...graph.input, shape }, layers }, taps };
}

/** Whether the last column of the result lies beyond the input's. */
function isWider({ stride, input, output }: ConvolutionOperator): boolean {
  return (output[2] - 1) * stride[1] >= input[2];
}

/** The same convolution on pictures whose channels are taps: its kernel has width 1. */
function tapsAsChannels(operator: ConvolutionOperator, input: Shape): ConvolutionOperator {
  const { weight, padding } = operator;
  const [outputs, colours, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const laid = tensor([outputs, colours * kernelWidth, kernelHeight, 1]);
  for (const [index, value] of weight.data.entries()) {
    const tap = index % kernelWidth;
    const row = Math.floor(index / kernelWidth) % kernelHeight;
    const colour = Math.floor(index / (kernelWidth * kernelHeight)) % colours;
    const output = Math.floor(index / (kernelWidth * kernelHeight * colours));
    laid.data[(output * colours * kernelWidth + tap * colours + colour) * kernelHeight + row] = value;
  }
  return { ...operator, weight: laid, padding: { ...padding, left: 0, right: 0 }, input };
}
