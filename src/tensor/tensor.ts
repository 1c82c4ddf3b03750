/** Dense row-major tensor. Images and activations have shape [channels, height, width]. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** A tensor of zeros, or over the given data. Throws RangeError when the data's length does not fit the shape. */
export function tensor(shape: readonly number[], data?: Float64Array): Tensor {
  const count = elementCount(shape);
  if (data !== undefined && data.length !== count) {
    throw new RangeError(`tensor of shape [${shape.join(', ')}] needs ${count} values, found ${data.length}`);
  }
  return { shape, data: data ?? new Float64Array(count) };
}
