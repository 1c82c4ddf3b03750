import { digitsOf, extentOf, type Layout } from '../../circuit/layout.js';
import type { LinearMap } from '../../circuit/linear-map.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import { forEachInput, type LocalOperator } from '../operators.js';
import { blockMap } from './block-map.js';
import { elementsWithin, Places, zeroRuns } from './elements.js';

/**
 * The map of a local operator between two layouts of the same copies; its results are the channels from `firstChannel` on.
 *
 * `period`: of the diagonals. Below the slot count it must hold all channels and rows that lie in a ciphertext, and every
 * column and image beyond it must be treated as those within: what gaps between columns then hold is what the operator
 * gives there. With the slot count as period, gaps are zero.
 */
export function localMap(
  operator: LocalOperator,
  firstChannel: number,
  input: Layout,
  output: Layout,
  slots: number,
  period: number,
): LinearMap {
  const places = new Places(input);
  const outputs = elementsWithin(output, period);
  const channels = operator.output[0];
  return blockMap(outputs.keys(), period, (target, visit) => {
    for (const { image, channel, row, column, copyShift, slot } of outputs.get(target)!) {
      const own = channel - firstChannel;
      if (own < 0 || own >= channels) {
        continue;
      }
      forEachInput(operator, own, row, column, (inputChannel, inputRow, inputColumn, weight) => {
        const from = places.ciphertext(image, inputChannel, inputRow, inputColumn);
        const offset = places.slot(image, inputChannel, inputRow, inputColumn) + copyShift - slot;
        visit(from, slot, reduceStep(offset, slots), weight);
      });
    }
  });
}

/** Runs of slots, of one period, that a local map leaves zero in every ciphertext: those of no element. */
export function localZeros(
  output: Layout,
  period: number,
): { readonly period: number; readonly runs: [number, number][] } {
  const written = new Uint8Array(period);
  for (const { slot } of [...elementsWithin(output, period).values()].flat()) {
    written[slot] = 1;
  }
  return { period, runs: zeroRuns(written) };
}

/**
 * Whether the columns, or the copies in their stead, that lie in a ciphertext fill its slots, so that a rotation past the
 * last reaches the first.
 */
export function columnsFillSlots(layout: Layout, slots: number): boolean {
  const fill = (axis: 'column' | 'copy'): boolean => {
    const [digit, second] = digitsOf(layout, axis).filter(({ slotStride }) => slotStride > 0);
    const room = digitsOf(layout, axis).reduce((product, { extent }) => product * extent, 1);
    const complete = extentOf(layout, axis) === room;
    return complete && second === undefined && digit !== undefined && digit.extent * digit.slotStride === slots;
  };
  return fill('column') || fill('copy');
}
