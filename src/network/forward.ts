import { elementCount, type Tensor, tensor } from '../tensor/tensor.js';
import type { Activation, Convolution, Head, Network, ResidualBlock } from './description.js';

type ActivationObserver = (name: string, input: Tensor) => void;

/**
 * Reference forward pass in float64.
 * `image`: [3, height, width], normalised. Returns one score per class. Throws RangeError on another shape.
 */
export function forward(network: Network, image: Tensor): Float64Array {
  return evaluate(network, image, () => undefined);
}

/** Forward pass that also keeps a copy of every activation's input, by activation name in order of evaluation. */
export function forwardRecording(
  network: Network,
  image: Tensor,
): { readonly scores: Float64Array; readonly activationInputs: ReadonlyMap<string, Tensor> } {
  const activationInputs = new Map<string, Tensor>();
  const scores = evaluate(network, image, (name, input) => {
    activationInputs.set(name, tensor(input.shape, input.data.slice()));
  });
  return { scores, activationInputs };
}

function evaluate(network: Network, image: Tensor, observe: ActivationObserver): Float64Array {
  const expected = network.input.shape;
  if (image.shape.length !== 3 || image.shape.some((extent, axis) => extent !== expected[axis])) {
    throw new RangeError(
      `network ${network.name} takes an image of shape [${expected.join(', ')}], found [${image.shape.join(', ')}]`,
    );
  }
  let value = activateInPlace(network.stemActivation, convolve(network.stem, image), observe);
  for (const block of network.blocks) {
    value = evaluateBlock(block, value, observe);
  }
  return classify(network.head, value);
}

function evaluateBlock(block: ResidualBlock, input: Tensor, observe: ActivationObserver): Tensor {
  const inner = activateInPlace(block.activation1, convolve(block.conv1, input), observe);
  const sum = convolve(block.conv2, inner);
  const shortcut = block.shortcut === undefined ? input : convolve(block.shortcut, input);
  for (let i = 0; i < sum.data.length; i++) {
    sum.data[i]! += shortcut.data[i]!;
  }
  return activateInPlace(block.activation2, sum, observe);
}

/** Extents of a convolution's input and output and of its kernel. */
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
 * Convolution with an odd kernel; output (row, column) is centred at input (stride * row, stride * column).
 * `input`: [inputChannels, height, width]; result: [outputChannels, ceil(height / stride), ceil(width / stride)].
 */
export function convolve(convolution: Convolution, input: Tensor): Tensor {
  const [outputs, inputs, kernelHeight, kernelWidth] = convolution.weight.shape as [number, number, number, number];
  const [channels, height, width] = input.shape as [number, number, number];
  if (channels !== inputs) {
    throw new RangeError(`${convolution.name} takes ${inputs} channels, found ${channels}`);
  }
  const outputHeight = Math.ceil(height / convolution.stride);
  const outputWidth = Math.ceil(width / convolution.stride);
  const geometry = { inputs, height, width, kernelHeight, kernelWidth, outputs, outputHeight, outputWidth };
  const output = tensor([outputs, outputHeight, outputWidth]);
  const patches = new Float64Array(outputWidth * inputs * kernelHeight * kernelWidth);
  for (let row = 0; row < outputHeight; row++) {
    gatherPatches(convolution, geometry, input.data, row, patches);
    multiplyPatches(convolution, geometry, patches, row, output.data);
  }
  return output;
}

/** Copies what each output of a row reads into `patches`: [outputWidth][inputs * kernelHeight * kernelWidth]. */
function gatherPatches(
  convolution: Convolution,
  geometry: Geometry,
  input: Float64Array,
  outputRow: number,
  patches: Float64Array,
): void {
  const { inputs, height, width, kernelHeight, kernelWidth, outputWidth } = geometry;
  const circular = convolution.padding === 'circular-width';
  let index = 0;
  for (let outputColumn = 0; outputColumn < outputWidth; outputColumn++) {
    const top = convolution.stride * outputRow - (kernelHeight - 1) / 2;
    const left = convolution.stride * outputColumn - (kernelWidth - 1) / 2;
    for (let channel = 0; channel < inputs; channel++) {
      for (let row = top; row < top + kernelHeight; row++) {
        for (let tap = left; tap < left + kernelWidth; tap++) {
          const column = circular ? (tap + width) % width : tap;
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          patches[index++] = inside ? input[(channel * height + row) * width + column]! : 0;
        }
      }
    }
  }
}

/**
 * One output row of every channel: weights [outputs][length] times patches. Four channels share each load of a patch;
 * the last group repeats the last channel, which writes the same value again.
 */
function multiplyPatches(
  convolution: Convolution,
  geometry: Geometry,
  patches: Float64Array,
  outputRow: number,
  output: Float64Array,
): void {
  const { outputs, outputHeight, outputWidth } = geometry;
  const length = patches.length / outputWidth;
  const weight = convolution.weight.data;
  const bias = convolution.bias;
  for (let channel0 = 0; channel0 < outputs; channel0 += 4) {
    const channel1 = Math.min(channel0 + 1, outputs - 1);
    const channel2 = Math.min(channel0 + 2, outputs - 1);
    const channel3 = Math.min(channel0 + 3, outputs - 1);
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
      const plane = outputHeight * outputWidth;
      output[channel0 * plane + position] = sum0;
      output[channel1 * plane + position] = sum1;
      output[channel2 * plane + position] = sum2;
      output[channel3 * plane + position] = sum3;
    }
  }
}

function activateInPlace(activation: Activation, value: Tensor, observe: ActivationObserver): Tensor {
  observe(activation.name, value);
  const { data } = value;
  if (activation.kind === 'relu') {
    for (let i = 0; i < data.length; i++) {
      data[i] = Math.max(0, data[i]!);
    }
    return value;
  }
  const plane = elementCount(value.shape.slice(1));
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / plane);
    const x = data[i]!;
    data[i] = (activation.a[channel]! * x + activation.b[channel]!) * x + activation.k[channel]!;
  }
  return value;
}

/** Mean over each channel, then the fully connected layer. */
function classify(head: Head, value: Tensor): Float64Array {
  const [classes, channels] = head.weight.shape as [number, number];
  const plane = value.data.length / channels;
  const means = new Float64Array(channels);
  for (let i = 0; i < value.data.length; i++) {
    means[Math.floor(i / plane)]! += value.data[i]! / plane;
  }
  const scores = head.bias.slice();
  for (let index = 0; index < classes; index++) {
    for (let channel = 0; channel < channels; channel++) {
      scores[index]! += head.weight.data[index * channels + channel]! * means[channel]!;
    }
  }
  return scores;
}
