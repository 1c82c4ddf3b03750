import { extentAcross, extentOf, type Layout, type LayoutDigit } from '../../circuit/layout.js';
import { noTaps } from '../../circuit/port.js';
import { FheError } from '../../errors.js';
import type { Pair, Shape } from '../../network/graph.js';
import { nextPowerOfTwo } from '../../power-of-two.js';
import type { LayerGraph, LinearLayer } from '../layers.js';
import type { LocalOperator } from '../operators.js';
import { growthOf, spreadLayers } from '../spread.js';
import type { LayoutStrategy } from './strategy.js';

/**
 * ciphertext = (channel * rowPhases + rowPhase) * columnPhases + columnPhase
 * slot = coarseColumn * (images * coarseRows) + image * coarseRows + coarseRow
 * where row = coarseRow * rowPhases + rowPhase, and columns likewise.
 *
 * Channels never meet in a ciphertext, so that a convolution rotates by cells only and its weights have the period of the
 * coarse rows. Columns are outermost: where they fill all slots, the width is circular without masks. A picture has as
 * many phases as the network's strides multiply up to; a stride keeps some of them and moves nothing, upsampling adds
 * phases. So all slots stay full, and what a network of few pictures wastes is the room for further ones.
 */
export const batch: LayoutStrategy = {
  name: 'batch',

  prepare: (graph) => ({ graph, taps: noTaps }),

  input(graph: LayerGraph, slots: number): Layout {
    const [channels, height, width] = graph.input.shape;
    const phases = phasesFor(graph);
    const [rows, columns] = coarseRoom(graph, phases);
    const images = slots / (rows * columns);
    if (images < 1) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${graph.network} needs ${rows * columns} slots, and its parameters have ${slots}`,
      );
    }
    const digits: LayoutDigit[] = [
      { axis: 'row', extent: 1, slotStride: 0, ciphertextStride: 1 },
      { axis: 'row', extent: rows, slotStride: 1, ciphertextStride: 0 },
      { axis: 'image', extent: images, slotStride: rows, ciphertextStride: 0 },
      { axis: 'column', extent: 1, slotStride: 0, ciphertextStride: 1 },
      { axis: 'column', extent: columns, slotStride: rows * images, ciphertextStride: 0 },
      { axis: 'channel', extent: channels, slotStride: 0, ciphertextStride: 1 },
    ];
    return withPhases(digits, channels, [height, width], phases);
  },

  after(operator: LocalOperator, { shape: [channels] }: LinearLayer, input: Layout): Layout {
    const [, height, width] = operator.output;
    const growth = growthOf(operator);
    const phases: Pair = [phasesAfter(input, 'row', growth[0], height), phasesAfter(input, 'column', growth[1], width)];
    return withPhases(input.digits, channels, [height, width], phases);
  },
};

/** The digits with other extents: of channels, and of phases and coarse cells for so many rows and columns. */
function withPhases(
  digits: readonly LayoutDigit[],
  channels: number,
  [height, width]: Pair,
  [rowPhases, columnPhases]: Pair,
): Layout {
  const changed = digits.map((digit): LayoutDigit => {
    const across = digit.slotStride === 0;
    switch (digit.axis) {
      case 'channel':
        return { ...digit, extent: channels, ciphertextStride: rowPhases * columnPhases };
      case 'row':
        return across
          ? { ...digit, extent: rowPhases, ciphertextStride: columnPhases }
          : { ...digit, extent: Math.ceil(height / rowPhases) };
      case 'column':
        return across ? { ...digit, extent: columnPhases } : { ...digit, extent: Math.ceil(width / columnPhases) };
      default:
        return digit;
    }
  });
  return { digits: changed, extents: { row: height, column: width }, gaps: 'unspecified' };
}

/** All of a result's cells are phases where all of the input's are. */
function phasesAfter(input: Layout, axis: 'row' | 'column', growth: number, extent: number): number {
  const phases = extentAcross(input, axis);
  return extentOf(input, axis) <= phases ? extent : Math.min(extent, Math.round(phases / growth));
}

/** Phases of the input, for which every layer has a whole number of them: the least common multiple of all spreads. */
function phasesFor(graph: LayerGraph): Pair {
  let phases: Pair = [1, 1];
  for (const { spread } of spreadLayers(graph)) {
    phases = [divisibleBy(phases[0], spread[0]), divisibleBy(phases[1], spread[1])];
  }
  return phases;
}

/** The least multiple of `phases` that is a multiple of `spread` too. */
function divisibleBy(phases: number, spread: number): number {
  let multiple = phases;
  while (!isWhole(multiple / spread)) {
    multiple += phases;
  }
  return multiple;
}

/** Spreads are quotients of strides and factors, of which three thirds may miss 1 by rounding. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9;
}

/** Powers of two that hold the coarse rows and columns of every value. */
function coarseRoom(graph: LayerGraph, phases: Pair): Pair {
  const values: { shape: Shape; spread: Pair }[] = [{ shape: graph.input.shape, spread: [1, 1] }];
  values.push(...spreadLayers(graph).map(({ layer, spread }) => ({ shape: layer.shape, spread })));
  const room = (axis: 0 | 1): number =>
    nextPowerOfTwo(
      Math.max(
        ...values.map(({ shape, spread }) => Math.ceil(shape[axis + 1]! / Math.round(phases[axis] / spread[axis]))),
      ),
    );
  return [room(0), room(1)];
}
