import type { LinearMap } from '../../circuit/linear-map.js';

/** A map's diagonals without their leading and trailing zeros in each period. */
export interface PreparedMap {
  readonly slots: number;
  readonly period: number;
  readonly diagonals: readonly PreparedDiagonal[];
  /** Outputs are wanted at slots below `liveSlots` in each run of `columnStride` slots. */
  readonly columnStride: number;
  readonly liveSlots: number;
}

interface PreparedDiagonal {
  /** In 0 .. slots - 1. */
  readonly offset: number;
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * `liveColumnsOnly`: leave the gaps between the output's columns at zero. Only maps whose period divides the columns' live
 * slots can: in others a diagonal may reach from one column to the next.
 */
export function prepareMap(map: LinearMap, liveColumnsOnly: boolean): PreparedMap {
  const diagonals: PreparedDiagonal[] = [];
  for (const [offset, diagonal] of map.diagonals) {
    const first = diagonal.findIndex((weight) => weight !== 0);
    const last = diagonal.findLastIndex((weight) => weight !== 0);
    if (first >= 0) {
      const wrapped = ((offset % map.slots) + map.slots) % map.slots;
      diagonals.push({ offset: wrapped, first, weights: diagonal.subarray(first, last + 1) });
    }
  }
  const { images, imageStride, columnStride } = map.output;
  const liveSlots = liveColumnsOnly && map.period <= imageStride ? images * imageStride : columnStride;
  return { slots: map.slots, period: map.period, diagonals, columnStride, liveSlots };
}

/** Adds the map of `input` (one value per slot) to `output`. */
export function addMapped(map: PreparedMap, input: Float64Array, output: Float64Array): void {
  const { slots, period, columnStride, liveSlots } = map;
  // Twice the input, end to end: an offset is then a plain shift, without a modulus in the innermost loop.
  const unrolled = new Float64Array(2 * slots);
  unrolled.set(input);
  unrolled.set(input, slots);
  for (const { offset, first, weights } of map.diagonals) {
    const { length } = weights;
    for (let start = first; start < slots; start += period) {
      if (start % columnStride >= liveSlots) {
        continue;
      }
      const shifted = start + offset;
      for (let index = 0; index < length; index++) {
        output[start + index]! += weights[index]! * unrolled[shifted + index]!;
      }
    }
  }
}

/** rotated[i] = input[i + step mod slots] */
export function rotateSlots(input: Float64Array, step: number): Float64Array {
  const start = ((step % input.length) + input.length) % input.length;
  const rotated = new Float64Array(input.length);
  rotated.set(input.subarray(start));
  rotated.set(input.subarray(0, start), input.length - start);
  return rotated;
}
