import type { Axis, Layout, LayoutDigit } from '../../circuit/layout.js';
import { FheError } from '../../errors.js';
import { nextPowerOfTwo } from '../../power-of-two.js';
import type { LayerGraph, LinearLayer } from '../layers.js';
import type { LocalOperator } from '../operators.js';
import { factorWindows } from '../passes/factor-windows.js';
import { layTaps } from '../passes/lay-taps.js';
import { growthOf, spreadLayers } from '../spread.js';
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

  prepare: (graph) => layTaps(factorWindows(graph)),

  input(graph: LayerGraph, slots: number): Layout {
    const [channels, height, width] = graph.input.shape;
    const room = roomFor(graph);
    const rows = nextPowerOfTwo(room.rows);
    const rowStride = nextPowerOfTwo(Math.max(room.channels, Math.ceil(room.values / rows)));
    const block = rowStride * rows;
    const needed = (block * nextPowerOfTwo(room.columns)) / room.columnSpread;
    if (needed > slots) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${graph.network} needs ${needed} slots, and its parameters have ${slots}`,
      );
    }
    const columnStride = slots / nextPowerOfTwo(room.columns);
    const images = (columnStride * room.columnSpread) / block;
    return {
      digits: [
        { axis: 'channel', extent: channels, slotStride: 1, ciphertextStride: 0 },
        { axis: 'row', extent: height, slotStride: rowStride, ciphertextStride: 0 },
        { axis: 'image', extent: images, slotStride: block, ciphertextStride: 0 },
        { axis: 'column', extent: width, slotStride: columnStride, ciphertextStride: 0 },
      ],
      gaps: 'zero',
    };
  },

  after(operator: LocalOperator, { shape: [channels] }: LinearLayer, input: Layout): Layout {
    const [, height, width] = operator.output;
    const [rows, columns] = growthOf(operator);
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

interface Room {
  /** That a row of the input must have room for: those of layers with rows, divided by how far apart the rows are. */
  readonly channels: number;
  /** That a column must have room for: the channels of layers with a single row, which may lie in place of the others. */
  readonly values: number;
  /** Rows and columns of the input from the first to the last of any layer. */
  readonly rows: number;
  readonly columns: number;
  /** Columns of the input from one column of a layer to the next, at least; a power of two, 1 without upsampling. */
  readonly columnSpread: number;
}

function roomFor(graph: LayerGraph): Room {
  const [channels, height, width] = graph.input.shape;
  let room: Room = { channels, values: 1, rows: height, columns: width, columnSpread: 1 };
  for (const { layer, spread } of spreadLayers(graph)) {
    const [rowSpread, columnSpread] = spread;
    const [outputs, rows, columns] = layer.shape;
    room = {
      channels: Math.max(room.channels, rows === 1 ? 1 : Math.ceil(outputs / rowSpread)),
      values: Math.max(room.values, rows === 1 ? outputs : 1),
      rows: Math.max(room.rows, Math.ceil((rows - 1) * rowSpread) + 1),
      columns: Math.max(room.columns, Math.ceil((columns - 1) * columnSpread) + 1),
      columnSpread: Math.min(room.columnSpread, 1 / nextPowerOfTwo(1 / columnSpread)),
    };
  }
  return room;
}
