/**
 * A linear map from the slots of one ciphertext to those of another, as its generalised diagonals:
 * output[i] = sum over offsets o of diagonal_o[i mod period] * input[(i + o) mod slots].
 * Offsets are in (-slots/2, slots/2]. Every diagonal has the same period, a power of two that divides the slot count; a
 * period below it makes the plaintext a sparse polynomial, cheap to encode and to multiply by.
 */
export interface Diagonals {
  readonly period: number;
  readonly offsets: readonly number[];
  /** One period of every diagonal, by offset; made anew at each call, as a whole network's would fill the memory. */
  readonly values: () => ReadonlyMap<number, Float64Array>;
}

/** The part of a map that reads one ciphertext and adds to another. */
export interface MapBlock {
  readonly from: number;
  readonly to: number;
  readonly diagonals: Diagonals;
}

/** A linear map between two layouts, each over as many ciphertexts as it needs. */
export interface LinearMap {
  readonly blocks: readonly MapBlock[];
}

/** The same diagonals over a longer period. */
export function withPeriod(diagonals: Diagonals, period: number): Diagonals {
  return diagonals.period === period
    ? diagonals
    : {
        period,
        offsets: diagonals.offsets,
        values: () => new Map([...diagonals.values()].map(([offset, values]) => [offset, repeat(values, period)])),
      };
}

/** A vector of one period as one of a longer period. */
export function repeat(values: Float64Array, period: number): Float64Array {
  const repeated = new Float64Array(period);
  for (let start = 0; start < period; start += values.length) {
    repeated.set(values, start);
  }
  return repeated;
}
