import type { ActivationFunction, ActivationRange, Shape } from '../network/graph.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LinearOperator } from './operators.js';

/** One summand of a linear layer: an operator on a value, whose results are the channels from `firstChannel` on. */
export interface Branch {
  readonly source: string;
  readonly operator: LinearOperator;
  readonly firstChannel: number;
}

/** What is computed at the price of one level: the sum of its branches and a bias. */
export interface LinearLayer {
  readonly kind: 'linear';
  readonly name: string;
  readonly shape: Shape;
  readonly branches: readonly Branch[];
  /** [channels], or [channels, height, width] where places differ. */
  readonly bias: Tensor;
}

/** An element by element function of a linear layer's result. */
export interface ActivationLayer {
  readonly kind: 'activation';
  readonly name: string;
  readonly shape: Shape;
  readonly source: string;
  readonly function: ActivationFunction;
  readonly range: ActivationRange | undefined;
}

export type Layer = LinearLayer | ActivationLayer;

/**
 * A graph as circuits take it: linear layers and activations in turn. Values have the names of the layers that make
 * them. Every activation reads a linear layer of its own, and the output is a linear layer that no activation reads.
 */
export interface LayerGraph {
  readonly network: string;
  readonly input: { readonly name: string; readonly shape: Shape };
  readonly layers: readonly Layer[];
  readonly output: string;
}

/** The values that a layer reads. */
export function sourcesOf(layer: Layer): readonly string[] {
  return layer.kind === 'linear' ? layer.branches.map(({ source }) => source) : [layer.source];
}

export function linearLayersOf({ layers }: LayerGraph): LinearLayer[] {
  return layers.filter((layer) => layer.kind === 'linear');
}
