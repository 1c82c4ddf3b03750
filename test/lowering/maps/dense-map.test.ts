import { describe, expect, test } from 'vitest';
import { ciphertextCount, type Layout, placesAlong } from '../../../src/circuit/layout.js';
import { denseFolds, denseLayout, denseMap } from '../../../src/lowering/maps/dense-map.js';
import type { DenseOperator } from '../../../src/lowering/operators.js';
import type { Shape } from '../../../src/network/graph.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { applyMap, layOut, readOut } from '../../support/apply-map.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateOperator } from '../../support/evaluate-layers.js';
import { randomTensor } from '../../support/random.js';

function dense(input: Shape, outputs: number): DenseOperator {
  const weight = randomTensor([outputs, ...input], 2);
  return { kind: 'dense', weight, input, output: [outputs, 1, 1] };
}

/** Weights that are the same for all columns. */
function pooled(operator: DenseOperator): DenseOperator {
  const { shape, data } = operator.weight;
  const width = shape[3]!;
  return {
    ...operator,
    weight: tensor(
      shape,
      data.map((_, index) => data[index - (index % width)]!),
    ),
  };
}

function mapped(
  operator: DenseOperator,
  layout: Layout,
  slots: number,
  inputs: readonly Float64Array[],
): Float64Array[] {
  const output = denseLayout(layout, operator.output[0], slots);
  let found = applyMap(denseMap(operator, layout, slots), inputs, ciphertextCount(output));
  for (const fold of denseFolds(layout, operator.output[0], slots)) {
    found = found.map((values) => values.map((value, slot) => value + values[(slot + fold + slots) % slots]!));
  }
  return found;
}

/** Every copy of every image's outputs. */
function expectMapped(operator: DenseOperator, layout: Layout, slots: number, images: number): void {
  const pictures = Array.from({ length: images }, (_, index) => randomTensor(operator.input, 30 + index));
  const found = mapped(operator, layout, slots, layOut(layout, slots, pictures, 1e6));
  const output = denseLayout(layout, operator.output[0], slots);
  for (const [index, picture] of pictures.entries()) {
    const expected = evaluateOperator(operator, picture).data;
    for (const copy of placesAlong(output, 'copy').keys()) {
      expect(largestDifference(readOut(output, found, index, operator.output, copy).data, expected)).toBeLessThan(1e-7);
    }
  }
}

describe('a feature map in one ciphertext', () => {
  const slots = 2048;
  const layoutOf = ([channels, height, width]: Shape, columnStride: number): Layout => ({
    digits: [
      { axis: 'channel', extent: channels, slotStride: 1, ciphertextStride: 0 },
      { axis: 'row', extent: height, slotStride: 8, ciphertextStride: 0 },
      { axis: 'image', extent: 2, slotStride: 64, ciphertextStride: 0 },
      { axis: 'column', extent: width, slotStride: columnStride, ciphertextStride: 0 },
    ],
    gaps: 'unspecified',
  });
  test.each<{ what: string; input: Shape; columnStride: number }>([
    { what: 'columns that fill the slots', input: [3, 8, 16], columnStride: 128 },
    { what: 'columns that do not', input: [3, 5, 7], columnStride: 256 },
    { what: 'columns that stop half-way', input: [3, 4, 4], columnStride: 128 },
    { what: 'one column', input: [5, 6, 1], columnStride: 128 },
    { what: 'one cell', input: [5, 1, 1], columnStride: 512 },
  ])('$what', ({ input, columnStride }) => {
    expectMapped(dense(input, 6), layoutOf(input, columnStride), slots, 2);
    expectMapped(pooled(dense(input, 6)), layoutOf(input, columnStride), slots, 2);
  });

  test.each<{ input: Shape; outputs: number }>([
    { input: [3, 8, 16], outputs: 50 },
    { input: [3, 5, 7], outputs: 9 },
  ])('$outputs outputs, more than a row has room for, of $input', ({ input, outputs }) => {
    expectMapped(dense(input, outputs), layoutOf(input, 128), slots, 2);
    expectMapped(pooled(dense(input, outputs)), layoutOf(input, 128), slots, 2);
  });

  test('weights that all columns share have the distance between columns as period, where those fill the slots', () => {
    const period = (operator: DenseOperator, columnStride: number) =>
      denseMap(operator, layoutOf(operator.input, columnStride), slots).blocks[0]!.diagonals.period;
    expect(period(pooled(dense([3, 8, 16], 6)), 128)).toBe(128);
    expect(period(dense([3, 8, 16], 6), 128)).toBe(slots);
    expect(period(pooled(dense([3, 8, 7], 6)), 256)).toBe(slots);
  });

  test('one behind another reads the copies, and adds nothing up', () => {
    const first = dense([3, 5, 7], 6);
    const second = dense([6, 1, 1], 4);
    const layout = layoutOf([3, 5, 7], 256);
    const between = denseLayout(layout, 6, slots);
    const picture = randomTensor([3, 5, 7], 1);
    const hidden = mapped(first, layout, slots, layOut(layout, slots, [picture]));
    const found = mapped(second, between, slots, hidden);
    const expected = evaluateOperator(second, evaluateOperator(first, picture)).data;
    const output = denseLayout(between, 4, slots);
    expect(placesAlong(output, 'copy')).toHaveLength(8);
    for (const copy of [0, 3, 7]) {
      expect(largestDifference(readOut(output, found, 0, [4, 1, 1], copy).data, expected)).toBeLessThan(1e-10);
    }
  });
});

describe('channels and phases across ciphertexts: one for each output', () => {
  const slots = 512;
  const layoutOf = ([channels, height, width]: Shape): Layout => ({
    digits: [
      { axis: 'row', extent: 2, slotStride: 0, ciphertextStride: 2 },
      { axis: 'row', extent: Math.ceil(height / 2), slotStride: 1, ciphertextStride: 0 },
      { axis: 'image', extent: 4, slotStride: 8, ciphertextStride: 0 },
      { axis: 'column', extent: 2, slotStride: 0, ciphertextStride: 1 },
      { axis: 'column', extent: Math.ceil(width / 2), slotStride: 64, ciphertextStride: 0 },
      { axis: 'channel', extent: channels, slotStride: 0, ciphertextStride: 4 },
    ],
    extents: { row: height, column: width },
    gaps: 'unspecified',
  });
  test.each<Shape>([
    [3, 16, 16],
    [3, 5, 7],
    [4, 2, 2],
  ])('%i x %i x %i', (...input) => {
    expect(ciphertextCount(denseLayout(layoutOf(input), 6, slots))).toBe(6);
    expectMapped(dense(input, 6), layoutOf(input), slots, 4);
    expectMapped(pooled(dense(input, 6)), layoutOf(input), slots, 4);
  });
});
