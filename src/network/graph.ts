import { createHash } from 'node:crypto';
import type { ChebyshevPolynomial } from '../chebyshev.js';
import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';

/** Extents of a feature map: channels, height, width. What a fully connected layer gives is [outputs, 1, 1]. */
export type Shape = readonly [channels: number, height: number, width: number];

/** Height and width, or row and column. */
export type Pair = readonly [height: number, width: number];

/**
 * Rows and columns that a convolution reads beyond the border of its input. Rows are zero there; columns are zero, or
 * with `circular` those of the opposite border.
 */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly width: 'zero' | 'circular';
}

export interface Convolution {
  readonly kind: 'convolution';
  /** [outputs, inputs / groups, kernel height, kernel width] */
  readonly weight: Tensor;
  /** One per output. */
  readonly bias: Float64Array;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly padding: Padding;
}

/** y = scale x + shift, channel by channel: what batch normalisation is once it is trained. */
export interface BatchNormalization {
  readonly kind: 'batch-normalization';
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Fully connected: reads the whole feature map, channel by channel and row by row. */
export interface Dense {
  readonly kind: 'dense';
  /** [outputs, channels * height * width] */
  readonly weight: Tensor;
  readonly bias: Float64Array;
}

/** Means over windows that lie inside the input. */
export interface AveragePool {
  readonly kind: 'average-pool';
  readonly kernel: Pair;
  readonly stride: Pair;
}

/** Every element repeated in rows and columns (nearest neighbour). */
export interface Upsample {
  readonly kind: 'upsample';
  readonly factor: Pair;
}

/** Sum of two or more values of one shape. */
export interface Add {
  readonly kind: 'add';
}

/** The channels of two or more values, one after another. */
export interface Concatenate {
  readonly kind: 'concatenate';
}

/** Magnitude of an activation's input over the training set, and the bound that a polynomial relies on. */
export interface ActivationRange {
  readonly max: number;
  readonly quantile9999: number;
  readonly bound: number;
}

/** A function that networks are trained with, the same for all channels (activation-functions.ts has their values). */
export type ScalarFunction =
  | { readonly name: 'relu' }
  | { readonly name: 'relu6' }
  | { readonly name: 'leaky-relu'; readonly slope: number }
  | { readonly name: 'elu'; readonly alpha: number }
  | { readonly name: 'sigmoid' }
  | { readonly name: 'hard-sigmoid' }
  | { readonly name: 'tanh' }
  | { readonly name: 'gelu'; readonly approximation: 'none' | 'tanh' }
  | { readonly name: 'silu' }
  | { readonly name: 'hard-swish' }
  | { readonly name: 'softplus' }
  | { readonly name: 'mish' };

/** a x^2 + b x + k, one entry per channel in each array. */
export interface Quadratic {
  readonly name: 'quadratic';
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly k: Float64Array;
}

/** The same polynomial for all channels; inputs beyond the bound are not what it is made for. */
export interface Polynomial extends ChebyshevPolynomial {
  readonly name: 'polynomial';
}

export type ActivationFunction = ScalarFunction | Quadratic | Polynomial;

export interface Activation {
  readonly kind: 'activation';
  readonly function: ActivationFunction;
  /** Undefined until it is measured; circuits need it. */
  readonly range: ActivationRange | undefined;
}

export type Operation =
  | Convolution
  | BatchNormalization
  | Dense
  | AveragePool
  | Upsample
  | Add
  | Concatenate
  | Activation;

/** An operation on named values. Its result has the node's own name; `inputs` are graph inputs or earlier nodes. */
export type Node<Kind extends Operation = Operation> = {
  readonly name: string;
  readonly inputs: readonly string[];
} & Kind;

export interface GraphInput {
  readonly name: string;
  /** Of a picture: one channel (grey) or three (red, green, blue). */
  readonly shape: Shape;
  readonly kind: 'picture' | 'values';
  /** Per channel: x = (v - mean) / deviation, where v is pixel / 255 of a picture, else the value that was given. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

interface NamedOutput {
  /** The node whose result it is. */
  readonly name: string;
  /** Largest magnitude that one of its numbers may have; undefined: not known. */
  readonly bound?: number | undefined;
}

/** One number for each class, [classes, 1, 1]: the largest is the network's answer. */
export interface ScoresOutput extends NamedOutput {
  readonly kind: 'scores';
  readonly classes: readonly string[];
}

/** A picture of one or three channels: pixel / 255 = y deviation + mean, per channel. */
export interface PictureOutput extends NamedOutput {
  readonly kind: 'picture';
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Numbers without a meaning that the program knows. */
export interface ValuesOutput extends NamedOutput {
  readonly kind: 'values';
}

export type GraphOutput = ScoresOutput | PictureOutput | ValuesOutput;

/** A network: data, not code. Nodes are in the order of evaluation. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
  /** SHA-256 of the weights file, hexadecimal. */
  readonly weightsHash: string;
}

/** The only input. Throws RangeError for a graph with more than one. */
export function inputOf(graph: Graph): GraphInput {
  return only(graph.inputs, graph, 'input');
}

/** The only output. Throws RangeError for a graph with more than one. */
export function outputOf(graph: Graph): GraphOutput {
  return only(graph.outputs, graph, 'output');
}

/** The only output, one number per class. Throws ERR_NETWORK where it is of another kind. */
export function scoresOf(graph: Graph): ScoresOutput {
  const output = outputOf(graph);
  if (output.kind !== 'scores') {
    throw new FheError(
      'ERR_NETWORK',
      `network ${graph.name}: output ${output.name} must be of kind scores, found ${output.kind}`,
    );
  }
  return output;
}

function only<T>(found: readonly T[], graph: Graph, what: string): T {
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    throw new RangeError(`network ${graph.name} must have one ${what}, found ${found.length}`);
  }
  return first;
}

/** All activations in the order of evaluation. */
export function activationsOf(graph: Graph): Node<Activation>[] {
  return graph.nodes.filter((node) => node.kind === 'activation');
}

/**
 * SHA-256, hexadecimal, of what a circuit's structure depends on: names, wiring, shapes and geometry, and which functions
 * the activations are; not the weights, nor how inputs are normalised.
 */
export function topologyHash(graph: Graph): string {
  const described = {
    inputs: graph.inputs.map(({ name, shape }) => ({ name, shape })),
    nodes: graph.nodes.map((node) => ({ name: node.name, inputs: node.inputs, ...geometryOf(node) })),
    outputs: graph.outputs.map(({ name }) => name),
  };
  return createHash('sha256').update(JSON.stringify(described)).digest('hex');
}

function geometryOf(operation: Operation): object {
  switch (operation.kind) {
    case 'convolution': {
      const { kind, weight, stride, dilation, groups, padding } = operation;
      return { kind, weight: weight.shape, stride, dilation, groups, padding };
    }
    case 'dense':
      return { kind: operation.kind, weight: operation.weight.shape };
    case 'batch-normalization':
      return { kind: operation.kind, channels: operation.scale.length };
    case 'activation':
      return { kind: operation.kind, ...formOf(operation.function) };
    case 'average-pool':
      return { kind: operation.kind, kernel: operation.kernel, stride: operation.stride };
    case 'upsample':
      return { kind: operation.kind, factor: operation.factor };
    case 'add':
    case 'concatenate':
      return { kind: operation.kind };
  }
}

/** The name of a function, and what of its numbers decides how it is computed. */
function formOf(by: ActivationFunction): object {
  switch (by.name) {
    case 'leaky-relu':
      return { function: by.name, slope: by.slope };
    case 'elu':
      return { function: by.name, alpha: by.alpha };
    case 'gelu':
      return { function: by.name, approximation: by.approximation };
    case 'polynomial':
      return { function: by.name, degree: by.coefficients.length - 1 };
    default:
      return { function: by.name };
  }
}
