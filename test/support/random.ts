import { elementCount, type Tensor, tensor } from '../../src/tensor/tensor.js';

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32): the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers (Box and Muller). */
export function seededNormal(seed: number): () => number {
  const uniform = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A tensor of standard normal numbers. */
export function randomTensor(shape: readonly number[], seed: number): Tensor {
  return tensor(shape, Float64Array.from({ length: elementCount(shape) }, seededNormal(seed)));
}
