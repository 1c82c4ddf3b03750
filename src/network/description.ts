import type { Tensor } from '../tensor/tensor.js';

/** How a convolution reads beyond the picture's border. Height is always padded with zeros. */
export type Padding = 'zero' | 'circular-width';

/** A convolution with batch normalisation already folded in. */
export interface Convolution {
  readonly name: string;
  /** [outputChannels, inputChannels, kernelHeight, kernelWidth] */
  readonly weight: Tensor;
  /** [outputChannels] */
  readonly bias: Float64Array;
  readonly stride: number;
  readonly padding: Padding;
}

/** Per channel a x^2 + b x + k. Each array has one entry per channel. */
export interface SquareActivation {
  readonly kind: 'square';
  readonly name: string;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly k: Float64Array;
}

export interface ReluActivation {
  readonly kind: 'relu';
  readonly name: string;
}

export type Activation = SquareActivation | ReluActivation;

/** conv1, activation1, conv2, plus the shortcut (identity when undefined), activation2. */
export interface ResidualBlock {
  readonly name: string;
  readonly conv1: Convolution;
  readonly activation1: Activation;
  readonly conv2: Convolution;
  readonly shortcut: Convolution | undefined;
  readonly activation2: Activation;
}

/** Global average pooling followed by a fully connected layer. */
export interface Head {
  readonly name: string;
  /** [classes, channels] */
  readonly weight: Tensor;
  readonly bias: Float64Array;
}

/** Largest magnitude that an activation's input took over the training set, and the bound that a profile relies on. */
export interface ActivationRange {
  readonly max: number;
  readonly quantile9999: number;
  readonly bound: number;
}

/** A residual network for small pictures: data, not code. */
export interface Network {
  readonly name: string;
  readonly classes: readonly string[];
  readonly input: {
    readonly shape: readonly [number, number, number];
    /** Per channel, of pixels divided by 255: x = (pixel / 255 - mean) / deviation. */
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  };
  readonly stem: Convolution;
  readonly stemActivation: Activation;
  readonly blocks: readonly ResidualBlock[];
  readonly head: Head;
  /** By activation name. */
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  /** SHA-256 of the weights file, hexadecimal. */
  readonly weightsHash: string;
}
