import { columnStrideOf, extentOf, type Layout, slotStrideOf } from '../../circuit/layout.js';
import type { Diagonals } from '../../circuit/linear-map.js';

/** A map's diagonals, four at a time: the sum of a slot is then read and written a quarter as often. */
export interface PreparedMap extends LiveSlots {
  readonly slots: number;
  readonly period: number;
  readonly groups: readonly DiagonalGroup[];
}

interface PreparedDiagonal {
  /** In 0 .. slots - 1. */
  readonly offset: number;
  /** One period. */
  readonly weights: Float64Array;
}

type DiagonalGroup = readonly [PreparedDiagonal, PreparedDiagonal, PreparedDiagonal, PreparedDiagonal];

/** Outputs of a layout that are wanted: slots below `liveSlots` in each run of `columnStride` slots. */
export interface LiveSlots {
  readonly columnStride: number;
  readonly liveSlots: number;
}

/**
 * Without the gaps between columns, which then stay zero. Only maps whose period divides the columns' live slots can leave
 * them out: in others a diagonal may reach from one column to the next.
 */
export function liveSlotsOf(layout: Layout, period: number, slots: number): LiveSlots {
  const columnStride = columnStrideOf(layout);
  const imageStride = slotStrideOf(layout, 'image');
  const live = extentOf(layout, 'image') * imageStride;
  return period <= imageStride && live < columnStride
    ? { columnStride, liveSlots: live }
    : { columnStride: slots, liveSlots: slots };
}

export function prepareMap({ values, period }: Diagonals, slots: number, live: LiveSlots): PreparedMap {
  const diagonals = [...values()].map(([offset, weights]) => ({ offset: ((offset % slots) + slots) % slots, weights }));
  const nothing: PreparedDiagonal = { offset: 0, weights: new Float64Array(period) };
  const groups: DiagonalGroup[] = [];
  for (let index = 0; index < diagonals.length; index += 4) {
    const [first, second = nothing, third = nothing, fourth = nothing] = diagonals.slice(index, index + 4);
    groups.push([first!, second, third, fourth]);
  }
  return { slots, period, groups, ...live };
}

/** Adds the map of `input` (one value per slot) to `output`. */
export function addMapped(map: PreparedMap, input: Float64Array, output: Float64Array): void {
  const { slots, period, columnStride, liveSlots } = map;
  // Twice the input, end to end: an offset is then a plain shift, without a modulus in the innermost loop.
  const unrolled = new Float64Array(2 * slots);
  unrolled.set(input);
  unrolled.set(input, slots);
  for (const group of map.groups) {
    const [weights0, weights1, weights2, weights3] = group.map(({ weights }) => weights) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let start = 0; start < slots; start += period) {
      if (start % columnStride >= liveSlots) {
        continue;
      }
      const from0 = start + group[0].offset;
      const from1 = start + group[1].offset;
      const from2 = start + group[2].offset;
      const from3 = start + group[3].offset;
      for (let slot = 0; slot < period; slot++) {
        output[start + slot]! +=
          weights0[slot]! * unrolled[from0 + slot]! +
          weights1[slot]! * unrolled[from1 + slot]! +
          weights2[slot]! * unrolled[from2 + slot]! +
          weights3[slot]! * unrolled[from3 + slot]!;
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
