import { elementCount } from '../../../tensor/tensor.js';
import type { Shape } from '../../graph.js';
import type { Expression } from './expression.js';

/** A tensor whose numbers are known when the model is imported: an initialiser, or what was computed from some. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** Of a whole-number type, whose divisions truncate. */
  readonly integer: boolean;
}

/** Zeros around a feature map that the convolution behind it reads. */
export interface ZeroBorder {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What depends on the model's input, for a batch of one. */
export interface Feature {
  readonly kind: 'feature';
  /** As the model has it, the batch first. */
  readonly dims: readonly number[];
  /** Channels, height and width of the graph's value. */
  readonly shape: Shape;
  /** In which order the value's axes (0 channels, 1 height, 2 width) follow each other in the model's tensor. */
  readonly order: readonly [number, number, number];
  readonly expression: Expression;
  readonly border?: ZeroBorder | undefined;
}

export type Value = Constant | Feature;

export const plainOrder = [0, 1, 2] as const;

export function isPlain({ order }: Feature): boolean {
  return order.every((axis, index) => axis === index);
}

/** Whether the model's tensor is [1, channels, height, width], as the graph has it. */
export function isGrid(feature: Feature): boolean {
  const { dims, shape } = feature;
  return (
    isPlain(feature) && dims.length === 4 && dims[0] === 1 && shape.every((extent, axis) => extent === dims[axis + 1])
  );
}

/**
 * Numbers in a tensor of these extents; undefined where they are no extents, or would be more than `most` numbers if none
 * were 0.
 */
export function countOf(extents: readonly number[], most: number): number | undefined {
  const valid = extents.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  const bounded = elementCount(extents.map((extent) => Math.max(1, extent))) <= most;
  return valid && bounded ? elementCount(extents) : undefined;
}

/** Numbers in one tensor of a model: as many as a gigabyte of float32. */
export const mostElements = 2 ** 28;
