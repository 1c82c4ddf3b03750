import type { Convolution, Dense, Graph, Node, Pair, Shape } from '../../src/network/graph.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { randomTensor } from './random.js';

export interface ConvolutionGeometry {
  readonly weight: readonly [outputs: number, inputs: number, height: number, width: number];
  readonly stride?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
  /** Default: none. */
  readonly pads?: readonly [top: number, bottom: number, left: number, right: number];
  /** Default: zero. */
  readonly width?: 'zero' | 'circular';
}

/** A convolution with seeded random weights and biases. */
export function convolutionNode(
  name: string,
  input: string,
  geometry: ConvolutionGeometry,
  seed: number,
): Node<Convolution> {
  const { weight, stride = [1, 1], dilation = [1, 1], groups = 1, pads = [0, 0, 0, 0], width = 'zero' } = geometry;
  const [top, bottom, left, right] = pads;
  return {
    kind: 'convolution',
    name,
    inputs: [input],
    weight: weightTensor(weight, seed),
    bias: randomTensor([weight[0]], seed + 1000).data,
    stride,
    dilation,
    groups,
    padding: { top, bottom, left, right, width },
  };
}

/** A fully connected layer with seeded random weights and biases. */
export function denseNode(name: string, input: string, outputs: number, inputs: number, seed: number): Node<Dense> {
  return {
    kind: 'dense',
    name,
    inputs: [input],
    weight: weightTensor([outputs, inputs], seed),
    bias: randomTensor([outputs], seed + 1000).data,
  };
}

/** Of a deviation that leaves a layer's values as large as its inputs are. */
function weightTensor(shape: readonly number[], seed: number): Tensor {
  const { data } = randomTensor(shape, seed);
  const deviation = Math.sqrt(shape[0]! / data.length);
  return tensor(
    shape,
    data.map((value) => deviation * value),
  );
}

/** A normalisation whose scales are all different and not zero. */
export function normalizationNode(name: string, input: string, channels: number, seed: number): Node {
  return {
    kind: 'batch-normalization',
    name,
    inputs: [input],
    scale: randomTensor([channels], seed).data.map((value) => value + 2),
    shift: randomTensor([channels], seed + 1000).data,
  };
}

/** a x^2 + b x + k, channel by channel; every coefficient is different. */
export function quadraticNode(name: string, input: string, channels: number, seed: number): Node {
  const about = (centre: number, offset: number): Float64Array =>
    randomTensor([channels], seed + offset).data.map((value) => centre + 0.02 * value);
  return {
    kind: 'activation',
    name,
    inputs: [input],
    function: { name: 'quadratic', a: about(0.2, 0), b: about(0.5, 1000), k: about(0.1, 2000) },
    range: { max: 4, quantile9999: 3, bound: 5 },
  };
}

export function reluNode(name: string, input: string): Node {
  return {
    kind: 'activation',
    name,
    inputs: [input],
    function: { name: 'relu' },
    range: { max: 4, quantile9999: 3, bound: 5 },
  };
}

/** A graph whose input is `x` and whose output is the last node. */
export function graphOf(shape: Shape, nodes: readonly Node[]): Graph {
  const [channels] = shape;
  return {
    name: 'by-hand',
    inputs: [
      { name: 'x', shape, kind: 'picture', mean: new Array(channels).fill(0), deviation: new Array(channels).fill(1) },
    ],
    nodes,
    outputs: [{ name: nodes.at(-1)!.name, kind: 'scores', classes: [] }],
    weightsHash: '0'.repeat(64),
  };
}
