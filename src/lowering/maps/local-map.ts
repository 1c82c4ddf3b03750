import { type Layout, slotStrideOf } from '../../circuit/layout.js';
import type { LinearMap } from '../../circuit/linear-map.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import { forEachInput, type LocalOperator } from '../operators.js';
import { blockMap } from './block-map.js';
import { elementsWithin, Places } from './elements.js';

/**
 * The map of a local operator between two layouts; its results are the channels from `firstChannel` on.
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
    for (const { image, channel, row, column, slot } of outputs.get(target)!) {
      const own = channel - firstChannel;
      if (own < 0 || own >= channels) {
        continue;
      }
      forEachInput(operator, own, row, column, (inputChannel, inputRow, inputColumn, weight) => {
        const from = places.ciphertext(image, inputChannel, inputRow, inputColumn);
        const offset = places.slot(image, inputChannel, inputRow, inputColumn) - slot;
        visit(from, slot, reduceStep(offset, slots), weight);
      });
    }
  });
}

/** Slots that all channels and rows of one image and one column take in a ciphertext, as a power of two. */
export function innerExtent(layout: Layout): number {
  const inner = layout.digits.filter(
    ({ axis, slotStride }) => (axis === 'channel' || axis === 'row') && slotStride > 0,
  );
  const last = inner.reduce((sum, { extent, slotStride }) => sum + (extent - 1) * slotStride, 0);
  return 2 ** Math.ceil(Math.log2(last + 1));
}

/** Whether the columns that lie in a ciphertext fill its slots, so that a rotation past the last reaches the first. */
export function columnsFillSlots(layout: Layout, slots: number): boolean {
  const [digit, second] = layout.digits.filter(({ axis, slotStride }) => axis === 'column' && slotStride > 0);
  return second === undefined && digit !== undefined && digit.extent * slotStrideOf(layout, 'column') === slots;
}
