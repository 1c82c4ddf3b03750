import { evaluateChebyshev } from '../chebyshev.js';
import { elementCount, type Tensor, tensor } from '../tensor/tensor.js';
import { functionOf } from './activation-functions.js';
import { convolve } from './convolve.js';
import {
  type ActivationFunction,
  type AveragePool,
  type Dense,
  type Graph,
  inputOf,
  type Node,
  outputOf,
  type Upsample,
} from './graph.js';

/**
 * Reference forward pass in float64 of a graph with one input and one output.
 * `image`: of the input's shape, normalised. Returns the output's values, channel by channel and row by row.
 * Throws RangeError on another shape.
 */
export function forward(graph: Graph, image: Tensor): Float64Array {
  return evaluate(graph, image, () => undefined);
}

/** Forward pass that also keeps every activation's input, by activation name in order of evaluation. */
export function forwardRecording(
  graph: Graph,
  image: Tensor,
): { readonly scores: Float64Array; readonly activationInputs: ReadonlyMap<string, Tensor> } {
  const activationInputs = new Map<string, Tensor>();
  const scores = evaluate(graph, image, (name, input) => activationInputs.set(name, input));
  return { scores, activationInputs };
}

function evaluate(graph: Graph, image: Tensor, observe: (activation: string, input: Tensor) => void): Float64Array {
  const { name, shape } = inputOf(graph);
  if (image.shape.length !== 3 || image.shape.some((extent, axis) => extent !== shape[axis])) {
    throw new RangeError(
      `network ${graph.name} takes an image of shape [${shape.join(', ')}], found [${image.shape.join(', ')}]`,
    );
  }
  const values = new Map<string, Tensor>([[name, image]]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => values.get(input)!);
    if (node.kind === 'activation') {
      observe(node.name, inputs[0]!);
    }
    values.set(node.name, evaluateNode(node, inputs));
  }
  return values.get(outputOf(graph).name)!.data;
}

/** The value of one node; inputs and result are [channels, height, width]. Inputs are left as they are. */
export function evaluateNode(node: Node, inputs: readonly Tensor[]): Tensor {
  const [input] = inputs as [Tensor];
  switch (node.kind) {
    case 'convolution':
      return convolve(node, input);
    case 'batch-normalization':
      return mapChannels(input, (x, channel) => node.scale[channel]! * x + node.shift[channel]!);
    case 'dense':
      return multiply(node, input);
    case 'average-pool':
      return averagePool(node, input);
    case 'upsample':
      return upsample(node, input);
    case 'activation':
      return activate(node.function, input);
    case 'add':
      return tensor(
        input.shape,
        input.data.map((_, index) => inputs.reduce((sum, { data }) => sum + data[index]!, 0)),
      );
    case 'concatenate': {
      const [, height, width] = input.shape as [number, number, number];
      const result = tensor([inputs.reduce((sum, part) => sum + part.shape[0]!, 0), height, width]);
      let offset = 0;
      for (const { data } of inputs) {
        result.data.set(data, offset);
        offset += data.length;
      }
      return result;
    }
  }
}

function activate(by: ActivationFunction, input: Tensor): Tensor {
  switch (by.name) {
    case 'quadratic':
      return mapChannels(input, (x, channel) => (by.a[channel]! * x + by.b[channel]!) * x + by.k[channel]!);
    case 'polynomial':
      return tensor(input.shape, evaluateChebyshev(by, input.data));
    default: {
      const value = functionOf(by);
      return tensor(
        input.shape,
        input.data.map((x) => value(x)),
      );
    }
  }
}

function mapChannels(input: Tensor, change: (value: number, channel: number) => number): Tensor {
  const plane = elementCount(input.shape.slice(1));
  return tensor(
    input.shape,
    input.data.map((value, index) => change(value, Math.floor(index / plane))),
  );
}

function multiply({ weight, bias }: Dense, input: Tensor): Tensor {
  const [outputs, count] = weight.shape as [number, number];
  const result = tensor([outputs, 1, 1], bias.slice());
  for (let output = 0; output < outputs; output++) {
    for (let index = 0; index < count; index++) {
      result.data[output]! += weight.data[output * count + index]! * input.data[index]!;
    }
  }
  return result;
}

function averagePool({ kernel, stride }: AveragePool, input: Tensor): Tensor {
  const [channels, height, width] = input.shape as [number, number, number];
  const rows = Math.floor((height - kernel[0]) / stride[0]) + 1;
  const columns = Math.floor((width - kernel[1]) / stride[1]) + 1;
  const result = tensor([channels, rows, columns]);
  for (let index = 0; index < result.data.length; index++) {
    const column = index % columns;
    const row = Math.floor(index / columns) % rows;
    const channel = Math.floor(index / (columns * rows));
    let sum = 0;
    for (let y = row * stride[0]; y < row * stride[0] + kernel[0]; y++) {
      for (let x = column * stride[1]; x < column * stride[1] + kernel[1]; x++) {
        sum += input.data[(channel * height + y) * width + x]!;
      }
    }
    result.data[index] = sum / (kernel[0] * kernel[1]);
  }
  return result;
}

function upsample({ factor }: Upsample, input: Tensor): Tensor {
  const [channels, height, width] = input.shape as [number, number, number];
  const [rows, columns] = [height * factor[0], width * factor[1]];
  const result = tensor([channels, rows, columns]);
  for (let index = 0; index < result.data.length; index++) {
    const column = Math.floor((index % columns) / factor[1]);
    const row = Math.floor((Math.floor(index / columns) % rows) / factor[0]);
    const channel = Math.floor(index / (columns * rows));
    result.data[index] = input.data[(channel * height + row) * width + column]!;
  }
  return result;
}
