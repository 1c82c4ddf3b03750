import {
  type Axis,
  columnStrideOf,
  digitsOf,
  type Layout,
  type LayoutDigit,
  placesAlong,
  slotStrideOf,
} from '../../circuit/layout.js';
import type { LinearMap } from '../../circuit/linear-map.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import { nextPowerOfTwo } from '../../power-of-two.js';
import type { DenseOperator } from '../operators.js';
import { blockMap } from './block-map.js';
import { elementsWithin, Places, zeroRuns } from './elements.js';
import { columnsFillSlots } from './local-map.js';

/**
 * The map of a fully connected layer: every cell yields its share of output k at channel k; `denseFolds` then add up the
 * cells. A cell is a (row, column), or a whole column where a row has not room for all outputs. Where the input has copies, every copy yields all of it. Weights that are the same for every column have the distance between columns as period; the gaps
 * between columns are zero in any case, so that the sum over slots that are congruent modulo a smaller power of two holds
 * nothing but outputs.
 */
export function denseMap(operator: DenseOperator, input: Layout, slots: number): LinearMap {
  const period = densePeriod(operator, input, slots);
  const [channels, height, width] = operator.input;
  const places = new Places(input);
  const shares = new Places(denseLayout(input, operator.output[0], slots));
  const outputs = Array.from({ length: operator.output[0] }, (_, output) => output);
  const targetOf = (output: number): number => shares.ciphertext(0, output, 0, 0);
  const cells = [...elementsWithin(withChannels(input, 1), period).values()].flat();
  const addedUp = rowsInMap(input, operator.output[0]);
  const { data } = operator.weight;
  return blockMap(new Set(outputs.map(targetOf)), period, (target, visit) => {
    for (const output of outputs.filter((candidate) => targetOf(candidate) === target)) {
      const outputSlot = shares.slot(0, output, 0, 0);
      for (let channel = 0; channel < channels; channel++) {
        for (const { image, row, column, slot } of cells) {
          const moved = outputSlot - (addedUp[row] ?? 0);
          const offset = reduceStep(places.slot(0, channel, 0, 0) - moved, slots);
          const weight = data[((output * channels + channel) * height + row) * width + column]!;
          visit(places.ciphertext(image, channel, row, column), slot + moved, offset, weight);
        }
      }
    }
  });
}

/**
 * Runs of slots, of one period, that the map and then the folds leave zero in every ciphertext, whatever the input: those
 * of no output in any cell that a fold brings there.
 */
export function denseZeros(
  operator: DenseOperator,
  input: Layout,
  slots: number,
): { readonly period: number; readonly runs: [number, number][] } {
  const period = densePeriod(operator, input, slots);
  const shares = new Places(denseLayout(input, operator.output[0], slots));
  const cells = [...elementsWithin(withChannels(input, 1), period).values()].flat();
  const addedUp = rowsInMap(input, operator.output[0]);
  let written = new Uint8Array(period);
  for (let output = 0; output < operator.output[0]; output++) {
    for (const { row, slot } of cells) {
      written[slot - (addedUp[row] ?? 0) + shares.slot(0, output, 0, 0)] = 1;
    }
  }
  for (const fold of denseFolds(input, operator.output[0], slots)) {
    const unfolded = written;
    written = unfolded.map((value, slot) => value | unfolded[(slot + fold + slots) % period]!);
  }
  return { period, runs: zeroRuns(written) };
}

/**
 * Rotations that add up the rows, unless the map of so many outputs does, and then the columns of a ciphertext, by
 * doubling. Rows are complete in row 0; columns, which are added up past the last around all slots, at every distance of a column.
 */
export function denseFolds(input: Layout, outputs: number, slots: number): number[] {
  const folds: number[] = [];
  const addUp = (stride: number, end: number): void => {
    for (let step = stride; step < end; step *= 2) {
      folds.push(reduceStep(step, slots));
    }
  };
  const within = (axis: Axis) => digitsOf(input, axis).filter(({ slotStride }) => slotStride > 0);
  for (const { extent, slotStride } of rowsInMap(input, outputs).length === 0 ? within('row') : []) {
    addUp(slotStride, slotStride * nextPowerOfTwo(extent));
  }
  for (const { slotStride } of within('column')) {
    addUp(slotStride, slots);
  }
  return folds;
}

/**
 * Where the outputs lie after the folds: at channel k in row 0, with a copy at every distance of a column; one ciphertext
 * each where channels lie across ciphertexts.
 */
export function denseLayout(input: Layout, outputs: number, slots: number): Layout {
  const digits = withChannels(input, outputs).digits.flatMap((digit): LayoutDigit[] => {
    const { axis, slotStride } = digit;
    switch (axis) {
      case 'row':
        return [];
      case 'column':
        return slotStride === 0 ? [] : [{ ...digit, axis: 'copy', extent: slots / slotStride }];
      case 'channel':
        return [slotStride === 0 ? { ...digit, ciphertextStride: 1 } : digit];
      default:
        return [digit];
    }
  });
  return { digits, gaps: 'unspecified' };
}

/**
 * Slot of every row where the map adds the rows up, because outputs would reach from one row into the next; else none, and
 * folds do.
 */
function rowsInMap(input: Layout, outputs: number): readonly number[] {
  const channelStride = slotStrideOf(input, 'channel');
  const rowStride = slotStrideOf(input, 'row');
  const room = channelStride === 0 || rowStride === 0 || outputs * channelStride <= rowStride;
  return room ? [] : placesAlong(input, 'row').map(({ slot }) => slot);
}

/** A sum of columns is the same in all of them where they fill the slots. */
function densePeriod({ weight }: DenseOperator, input: Layout, slots: number): number {
  const width = weight.shape[3]!;
  const repeated = weight.data.every((value, index) => value === weight.data[index - (index % width)]);
  return repeated && columnsFillSlots(input, slots) ? columnStrideOf(input) : slots;
}

function withChannels(layout: Layout, channels: number): Layout {
  const digits = layout.digits.map(
    (digit): LayoutDigit => (digit.axis === 'channel' ? { ...digit, extent: channels } : digit),
  );
  return { ...layout, digits };
}
