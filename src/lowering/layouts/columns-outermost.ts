import type { Axis, Layout, LayoutDigit } from '../../circuit/layout.js';
import { FheError } from '../../errors.js';
import { nextPowerOfTwo } from '../../power-of-two.js';
import type { LayerGraph, LinearLayer } from '../layers.js';
import type { LocalOperator } from '../operators.js';
import { layTaps } from '../passes/lay-taps.js';
import type { LayoutStrategy } from './strategy.js';

/**
 * slot = column * columnStride + image * block + row * rowStride + channel, in one ciphertext.
 *
 * Columns are the outermost digit: a rotation by columnStride moves every picture one column, and where the columns fill
 * all slots with wrap-around, so that the width is circular without masks. What is left between two columns holds further
 * images side by side, one block each. A stride multiplies rowStride and columnStride and keeps the block; channels may
 * grow into the rows that it leaves.
 */
export const columnsOutermost: LayoutStrategy = {
  name: 'columns-outermost',

  prepare: layTaps,

  input(graph: LayerGraph, slots: number): Layout {
    const [channels, height, width] = graph.input.shape;
    const rowStride = nextPowerOfTwo(channelRoom(graph));
    const block = rowStride * nextPowerOfTwo(height);
    const columnStride = slots / nextPowerOfTwo(width);
    if (columnStride < block) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${graph.network} needs ${block * nextPowerOfTwo(width)} slots, and its parameters have ${slots}`,
      );
    }
    return {
      digits: [
        { axis: 'channel', extent: channels, slotStride: 1, ciphertextStride: 0 },
        { axis: 'row', extent: height, slotStride: rowStride, ciphertextStride: 0 },
        { axis: 'image', extent: columnStride / block, slotStride: block, ciphertextStride: 0 },
        { axis: 'column', extent: width, slotStride: columnStride, ciphertextStride: 0 },
      ],
      gaps: 'zero',
    };
  },

  after(operator: LocalOperator, { shape: [channels] }: LinearLayer, input: Layout): Layout {
    const [, height, width] = operator.output;
    const [rows, columns] = spreadBy(operator);
    const extents: Partial<Record<Axis, number>> = { channel: channels, row: height, column: width };
    const growth: Partial<Record<Axis, number>> = { row: rows, column: columns };
    const digits = input.digits.map(
      (digit): LayoutDigit => ({
        ...digit,
        extent: extents[digit.axis] ?? digit.extent,
        slotStride: digit.slotStride * (growth[digit.axis] ?? 1),
      }),
    );
    return { digits, gaps: 'unspecified' };
  },
};

/** By what an operator multiplies the distances between rows and between columns. */
function spreadBy(operator: LocalOperator): readonly [number, number] {
  return operator.kind === 'convolution' ? operator.stride : [1 / operator.factor[0], 1 / operator.factor[1]];
}

/** Channels that a row of the input must have room for: those of every layer, divided by how far apart its rows are. */
function channelRoom(graph: LayerGraph): number {
  const spread = new Map([[graph.input.name, 1]]);
  let room = graph.input.shape[0];
  for (const layer of graph.layers) {
    if (layer.kind === 'activation') {
      spread.set(layer.name, spread.get(layer.source)!);
      continue;
    }
    const { source, operator } = layer.branches[0]!;
    const before = spread.get(source)!;
    const own = operator.kind === 'dense' ? before : before * spreadBy(operator)[0];
    spread.set(layer.name, own);
    room = Math.max(room, Math.ceil(layer.shape[0] / own));
  }
  return room;
}
