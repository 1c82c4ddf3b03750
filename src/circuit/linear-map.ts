import type { Layout } from './layout.js';

/**
 * A linear map on slot vectors, held as its generalised diagonals:
 * output[i] = sum over offsets o of diagonal_o[i mod period] * input[(i + o) mod slots].
 * Offsets are in (-slots/2, slots/2]. Every diagonal of a map has the same period, a power of two that divides `slots`;
 * a period below the slot count makes the plaintext a sparse polynomial, cheap to encode and to multiply by.
 */
export interface LinearMap {
  readonly name: string;
  readonly slots: number;
  readonly period: number;
  readonly diagonals: ReadonlyMap<number, Float64Array>;
  readonly input: Layout;
  readonly output: Layout;
}
