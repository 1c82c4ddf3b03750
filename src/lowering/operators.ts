import { convolve } from '../network/convolve.js';
import type { Convolution, Pair, Shape } from '../network/graph.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

/** The linear part of a convolution. `output` may be smaller than the kernel's reach allows, never larger. */
export interface ConvolutionOperator extends Omit<Convolution, 'bias'> {
  /**
   * Each tap reads the sum over a window of so many rows and columns, which folds of the source leave at the window's first
   * place; powers of two. Undefined: single elements.
   */
  readonly window?: Pair | undefined;
  readonly input: Shape;
  readonly output: Shape;
}

/** The linear part of a fully connected layer. */
export interface DenseOperator {
  readonly kind: 'dense';
  /** [outputs, channels, height, width] */
  readonly weight: Tensor;
  readonly input: Shape;
  readonly output: Shape;
}

export interface UpsampleOperator {
  readonly kind: 'upsample';
  readonly factor: Pair;
  /** One per channel. */
  readonly gain: Float64Array;
  readonly input: Shape;
  readonly output: Shape;
}

/** A linear map between feature maps, knowing nothing of slots. */
export type LinearOperator = ConvolutionOperator | DenseOperator | UpsampleOperator;

/** Operators whose outputs read the neighbourhood of one place: all but the fully connected layer. */
export type LocalOperator = ConvolutionOperator | UpsampleOperator;

/** Every channel multiplied by a number of its own. */
export function channelwise(shape: Shape, factors: Float64Array): ConvolutionOperator {
  return {
    kind: 'convolution',
    weight: tensor([shape[0], 1, 1, 1], factors),
    stride: [1, 1],
    dilation: [1, 1],
    groups: shape[0],
    padding: { top: 0, bottom: 0, left: 0, right: 0, width: 'circular' },
    input: shape,
    output: shape,
  };
}

/** The operator whose inputs are multiplied by a factor for each channel first, and its outputs afterwards. */
export function scaled(
  operator: LinearOperator,
  inputFactors: ArrayLike<number>,
  outputFactors: ArrayLike<number>,
): LinearOperator {
  if (operator.kind === 'upsample') {
    const gain = operator.gain.map((value, channel) => value * inputFactors[channel]! * outputFactors[channel]!);
    return { ...operator, gain };
  }
  const { shape, data } = operator.weight;
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const groups = operator.kind === 'convolution' ? operator.groups : 1;
  const weights = data.map((weight, index) => {
    const pair = Math.floor(index / (height * width));
    const output = Math.floor(pair / inputs);
    const group = Math.floor((output * groups) / outputs);
    return weight * inputFactors[group * inputs + (pair % inputs)]! * outputFactors[output]!;
  });
  return { ...operator, weight: tensor(shape, weights) };
}

/** The operator's result for a feature map of one value per channel: [outputs, height, width]. */
export function appliedToConstant(operator: LinearOperator, channelValues: ArrayLike<number>): Tensor {
  const [channels, height, width] = operator.input;
  const plane = height * width;
  const image = tensor(
    operator.input,
    Float64Array.from({ length: channels * plane }, (_, index) => channelValues[Math.floor(index / plane)]!),
  );
  switch (operator.kind) {
    case 'convolution':
      return cropped(convolve({ ...operator, bias: new Float64Array(operator.output[0]) }, image), operator.output);
    case 'dense': {
      const { data } = operator.weight;
      const result = tensor(operator.output);
      for (const [index, weight] of data.entries()) {
        result.data[Math.floor(index / image.data.length)]! += weight * image.data[index % image.data.length]!;
      }
      return result;
    }
    case 'upsample': {
      const extent = operator.output[1] * operator.output[2];
      return tensor(
        operator.output,
        Float64Array.from({ length: operator.output[0] * extent }, (_, index) => {
          const channel = Math.floor(index / extent);
          return operator.gain[channel]! * channelValues[channel]!;
        }),
      );
    }
  }
}

/** The first rows and columns. */
function cropped(image: Tensor, [channels, height, width]: Shape): Tensor {
  const [, rows, columns] = image.shape as [number, number, number];
  const result = tensor([channels, height, width]);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const start = (channel * rows + row) * columns;
      result.data.set(image.data.subarray(start, start + width), (channel * height + row) * width);
    }
  }
  return result;
}

/** What one output element of a local operator reads: each input element, in the order of the weights, and its weight. */
export function forEachInput(
  operator: LocalOperator,
  channel: number,
  row: number,
  column: number,
  visit: (channel: number, row: number, column: number, weight: number) => void,
): void {
  if (operator.kind === 'upsample') {
    const { factor, gain } = operator;
    visit(channel, Math.floor(row / factor[0]), Math.floor(column / factor[1]), gain[channel]!);
    return;
  }
  const { weight, stride, dilation, groups, padding, input } = operator;
  const [outputs, inputs, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [, height, width] = input;
  const firstInput = Math.floor((channel * groups) / outputs) * inputs;
  const top = row * stride[0] - padding.top;
  const left = column * stride[1] - padding.left;
  let index = channel * inputs * kernelHeight * kernelWidth;
  for (let inputChannel = firstInput; inputChannel < firstInput + inputs; inputChannel++) {
    for (let tapRow = 0; tapRow < kernelHeight; tapRow++) {
      const inputRow = top + tapRow * dilation[0];
      for (let tapColumn = 0; tapColumn < kernelWidth; tapColumn++, index++) {
        const reached = left + tapColumn * dilation[1];
        const inputColumn = padding.width === 'circular' ? (reached + width) % width : reached;
        if (inputRow >= 0 && inputRow < height && inputColumn >= 0 && inputColumn < width) {
          visit(inputChannel, inputRow, inputColumn, weight.data[index]!);
        }
      }
    }
  }
}

/**
 * Whether all columns of the result that are a multiple of `phases` apart are the same function of the columns around
 * them, those beyond a border included.
 */
export function isColumnInvariant(operator: LocalOperator, phases: number): boolean {
  return operator.kind === 'convolution' ? operator.padding.width === 'circular' : phases % operator.factor[1] === 0;
}
