import { type Layout, slotOf } from '../../circuit/layout.js';
import type { LinearMap } from '../../circuit/linear-map.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import type { Head } from '../../network/description.js';

/**
 * Global average pooling and the fully connected layer: every cell (row, column) yields its share of score k at channel
 * k; `headFolds` then add up the cells. The period is the column stride, so that the gaps between columns are zeroed:
 * the sum over slots that are congruent modulo a smaller power of two then holds nothing but scores.
 */
export function headMap(head: Head, input: Layout, slots: number): LinearMap {
  const [classes, channels] = head.weight.shape as [number, number];
  const period = input.columnStride;
  const cells = input.height * input.width;
  const diagonals = new Map<number, Float64Array>();
  for (let index = 0; index < classes; index++) {
    for (let channel = 0; channel < channels; channel++) {
      const offset = reduceStep(channel - index, slots);
      const diagonal = diagonals.get(offset) ?? new Float64Array(period);
      diagonals.set(offset, diagonal);
      for (let image = 0; image < input.images; image++) {
        for (let row = 0; row < input.height; row++) {
          diagonal[slotOf(input, image, index, row, 0)]! += head.weight.data[index * channels + channel]! / cells;
        }
      }
    }
  }
  return { name: head.name, slots, period, diagonals, input, output: { ...input, channels: classes } };
}

/**
 * Rotations that add up the rows and then the columns, by doubling. The sum over rows is complete in row 0 only (other
 * rows run into the next block); the sum over columns is complete in every column.
 */
export function headFolds(input: Layout, slots: number): number[] {
  const folds: number[] = [];
  for (let step = input.rowStride; step < input.rowStride * input.height; step *= 2) {
    folds.push(reduceStep(step, slots));
  }
  for (let step = input.columnStride; step < slots; step *= 2) {
    folds.push(reduceStep(step, slots));
  }
  return folds;
}

/** Where the scores lie after the folds: class k of an image at channel k, repeated in every column. */
export function scoreLayout(input: Layout, classes: number): Layout {
  return { ...input, channels: classes, height: 1 };
}

/** The classes' biases where the scores lie and zero elsewhere; the length, a period, is the column stride. */
export function headBias(input: Layout, biases: Float64Array): Float64Array {
  const values = new Float64Array(input.columnStride);
  for (let image = 0; image < input.images; image++) {
    for (const [index, bias] of biases.entries()) {
      values[slotOf(input, image, index, 0, 0)] = bias;
    }
  }
  return values;
}
