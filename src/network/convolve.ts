import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Convolution } from './graph.js';
import { convolvedShape } from './shapes.js';

/** Extents of a convolution's input and output and of its kernel; channels are those of one group. */
interface Geometry {
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly outputs: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/**
 * A convolution by its definition, in float64. `input`: [channels, height, width]; result: [outputs, rows, columns] as
 * `convolvedShape` says. Throws RangeError for another number of channels.
 */
export function convolve(convolution: Convolution, input: Tensor): Tensor {
  const { weight, groups } = convolution;
  const [allOutputs, inputs, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [channels, height, width] = input.shape as [number, number, number];
  if (channels !== inputs * groups) {
    throw new RangeError(`the convolution takes ${inputs * groups} channels, found ${channels}`);
  }
  const shape = convolvedShape(convolution, [channels, height, width]);
  const [, outputHeight, outputWidth] = shape;
  const outputs = allOutputs / groups;
  const geometry = { inputs, height, width, kernelHeight, kernelWidth, outputs, outputHeight, outputWidth };
  const output = tensor(shape);
  const patches = new Float64Array(outputWidth * inputs * kernelHeight * kernelWidth);
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < outputHeight; row++) {
      gatherPatches(convolution, geometry, input.data, group, row, patches);
      multiplyPatches(convolution, geometry, patches, group, row, output.data);
    }
  }
  return output;
}

/** Copies what each output of a row reads into `patches`: [outputWidth][inputs * kernelHeight * kernelWidth]. */
function gatherPatches(
  { stride, dilation, padding }: Convolution,
  geometry: Geometry,
  input: Float64Array,
  group: number,
  outputRow: number,
  patches: Float64Array,
): void {
  const { inputs, height, width, kernelHeight, kernelWidth, outputWidth } = geometry;
  const circular = padding.width === 'circular';
  const top = stride[0] * outputRow - padding.top;
  let index = 0;
  for (let outputColumn = 0; outputColumn < outputWidth; outputColumn++) {
    const left = stride[1] * outputColumn - padding.left;
    for (let channel = group * inputs; channel < (group + 1) * inputs; channel++) {
      for (let tapRow = 0; tapRow < kernelHeight; tapRow++) {
        const row = top + tapRow * dilation[0];
        for (let tapColumn = 0; tapColumn < kernelWidth; tapColumn++) {
          const reached = left + tapColumn * dilation[1];
          const column = circular ? (reached + width) % width : reached;
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          patches[index++] = inside ? input[(channel * height + row) * width + column]! : 0;
        }
      }
    }
  }
}

/**
 * One output row of every channel of a group: weights [outputs][length] times patches. Four channels share each load of
 * a patch; the last four repeat the last channel, which writes the same value again.
 */
function multiplyPatches(
  { weight: { data: weight }, bias }: Convolution,
  geometry: Geometry,
  patches: Float64Array,
  group: number,
  outputRow: number,
  output: Float64Array,
): void {
  const { outputs, outputHeight, outputWidth } = geometry;
  const length = patches.length / outputWidth;
  const plane = outputHeight * outputWidth;
  const last = (group + 1) * outputs - 1;
  for (let channel0 = group * outputs; channel0 <= last; channel0 += 4) {
    const channel1 = Math.min(channel0 + 1, last);
    const channel2 = Math.min(channel0 + 2, last);
    const channel3 = Math.min(channel0 + 3, last);
    for (let column = 0; column < outputWidth; column++) {
      let sum0 = bias[channel0]!;
      let sum1 = bias[channel1]!;
      let sum2 = bias[channel2]!;
      let sum3 = bias[channel3]!;
      const patch = column * length;
      for (let i = 0; i < length; i++) {
        const value = patches[patch + i]!;
        sum0 += weight[channel0 * length + i]! * value;
        sum1 += weight[channel1 * length + i]! * value;
        sum2 += weight[channel2 * length + i]! * value;
        sum3 += weight[channel3 * length + i]! * value;
      }
      const position = outputRow * outputWidth + column;
      output[channel0 * plane + position] = sum0;
      output[channel1 * plane + position] = sum1;
      output[channel2 * plane + position] = sum2;
      output[channel3 * plane + position] = sum3;
    }
  }
}
