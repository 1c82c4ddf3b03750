import { describe, expect, test } from 'vitest';
import { ciphertextCount, type Layout, type LayoutDigit } from '../../../src/circuit/layout.js';
import { localMap } from '../../../src/lowering/maps/local-map.js';
import type { LocalOperator } from '../../../src/lowering/operators.js';
import type { Pair, Shape } from '../../../src/network/graph.js';
import { convolvedShape } from '../../../src/network/shapes.js';
import { applyMap, layOut, readOut } from '../../support/apply-map.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateOperator } from '../../support/evaluate-layers.js';
import { type ConvolutionGeometry, convolutionNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

/** Columns outermost, then two images, rows and channels, in one ciphertext; neighbours are `spread` times as far apart. */
function inSlots([channels, height, width]: Shape, slots: number, columns: number, spread: Pair = [1, 1]): Layout {
  const columnStride = slots / columns;
  return {
    digits: [
      { axis: 'channel', extent: channels, slotStride: 1, ciphertextStride: 0 },
      { axis: 'row', extent: height, slotStride: 8 * spread[0], ciphertextStride: 0 },
      { axis: 'image', extent: 2, slotStride: columnStride / 2, ciphertextStride: 0 },
      { axis: 'column', extent: width, slotStride: columnStride * spread[1], ciphertextStride: 0 },
    ],
    gaps: 'unspecified',
  };
}

/** Channels and the low digits of rows and columns across ciphertexts; three images between columns and rows. */
function across([channels, height, width]: Shape, phases: Pair, slots: number): Layout {
  const digit = (axis: LayoutDigit['axis'], extent: number, slotStride: number, ciphertextStride: number) => ({
    axis,
    extent,
    slotStride,
    ciphertextStride,
  });
  return {
    digits: [
      digit('row', phases[0], 0, phases[1]),
      digit('row', Math.ceil(height / phases[0]), 1, 0),
      digit('image', 3, 16, 0),
      digit('column', phases[1], 0, 1),
      digit('column', Math.ceil(width / phases[1]), slots / 16, 0),
      digit('channel', channels, 0, phases[0] * phases[1]),
    ],
    extents: { row: height, column: width },
    gaps: 'unspecified',
  };
}

function convolution(geometry: ConvolutionGeometry, input: Shape): LocalOperator {
  const { bias: _, name: __, inputs: ___, ...operator } = convolutionNode('c', 'x', geometry, 2);
  return { ...operator, input, output: convolvedShape({ ...operator, bias: new Float64Array() }, input) };
}

const cases: readonly { what: string; input: Shape; geometry: ConvolutionGeometry }[] = [
  { what: '3 x 3, zero', input: [2, 6, 8], geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] } },
  {
    what: '3 x 3, circular',
    input: [2, 6, 8],
    geometry: { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1], width: 'circular' },
  },
  {
    what: 'strided, circular',
    input: [2, 8, 8],
    geometry: { weight: [3, 2, 3, 3], stride: [2, 2], pads: [1, 1, 1, 1], width: 'circular' },
  },
  {
    what: 'strides of 2 and 1',
    input: [2, 7, 5],
    geometry: { weight: [3, 2, 3, 2], stride: [2, 1], pads: [1, 1, 0, 1] },
  },
  { what: 'dilated, without padding', input: [1, 12, 12], geometry: { weight: [2, 1, 3, 3], dilation: [2, 3] } },
  { what: 'in groups', input: [4, 5, 7], geometry: { weight: [6, 2, 3, 3], groups: 2, pads: [1, 1, 1, 1] } },
  {
    what: 'channel by channel',
    input: [4, 4, 4],
    geometry: { weight: [4, 1, 3, 3], groups: 4, pads: [1, 1, 1, 1], width: 'circular' },
  },
  { what: '5 x 5 without padding on 28 x 28', input: [1, 28, 28], geometry: { weight: [2, 1, 5, 5] } },
];

function expectMapped(
  operator: LocalOperator,
  input: Layout,
  output: Layout,
  slots: number,
  period: number,
  images: number,
): void {
  const pictures = Array.from({ length: images }, (_, index) => randomTensor(operator.input, 30 + index));
  // What lies between the elements is not read.
  const inputs = layOut(input, slots, pictures, 1e6);
  const outputs = applyMap(localMap(operator, 0, input, output, slots, period), inputs, ciphertextCount(output));
  for (const [index, picture] of pictures.entries()) {
    const found = readOut(output, outputs, index, operator.output);
    expect(largestDifference(found.data, evaluateOperator(operator, picture).data)).toBeLessThan(1e-8);
  }
}

describe('all of a feature map in one ciphertext', () => {
  test.each(cases)('$what', ({ input, geometry }) => {
    const operator = convolution(geometry, input);
    const slots = 2 ** 14;
    const from = inSlots(input, slots, 32);
    const to = inSlots(operator.output, slots, 32, geometry.stride);
    expectMapped(operator, from, to, slots, slots, 2);
  });

  test.each(cases.filter(({ geometry }) => geometry.width === 'circular'))(
    '$what, columns that fill the slots, diagonals of one column',
    ({ input, geometry }) => {
      const operator = convolution(geometry, input);
      const slots = 2048;
      const from = inSlots(input, slots, input[2]);
      const to = inSlots(operator.output, slots, input[2], geometry.stride);
      expectMapped(operator, from, to, slots, slots / input[2] / 2, 2);
    },
  );

  test('upsampling by 2 and 4', () => {
    const operator: LocalOperator = {
      kind: 'upsample',
      factor: [2, 4],
      gain: Float64Array.of(2, -1),
      input: [2, 3, 5],
      output: [2, 6, 20],
    };
    const slots = 2 ** 12;
    expectMapped(operator, inSlots([2, 3, 5], slots, 8, [2, 1]), inSlots([2, 6, 20], slots, 32), slots, slots, 2);
  });
});

describe('channels and phases across ciphertexts', () => {
  test.each(cases)('$what', ({ input, geometry }) => {
    const operator = convolution(geometry, input);
    const slots = 1024;
    const [rows, columns] = geometry.stride ?? [1, 1];
    const to = across(operator.output, [4 / rows, 2 / columns], slots);
    expectMapped(operator, across(input, [4, 2], slots), to, slots, slots, 3);
  });

  test('circular, coarse columns that fill the slots, diagonals of the coarse rows', () => {
    const geometry = { weight: [3, 2, 3, 3], stride: [2, 2], pads: [1, 1, 1, 1], width: 'circular' } as const;
    const operator = convolution(geometry, [2, 16, 32]);
    const slots = 1024;
    const to = across(operator.output, [1, 1], slots);
    expectMapped(operator, across([2, 16, 32], [2, 2], slots), to, slots, 16, 3);
  });

  test('upsampling adds phases and rotates nothing', () => {
    const operator: LocalOperator = {
      kind: 'upsample',
      factor: [2, 3],
      gain: Float64Array.of(2, -1),
      input: [2, 5, 7],
      output: [2, 10, 21],
    };
    const slots = 1024;
    const from = across([2, 5, 7], [1, 2], slots);
    const to = across([2, 10, 21], [2, 6], slots);
    expectMapped(operator, from, to, slots, slots, 3);
    const { blocks } = localMap(operator, 0, from, to, slots, slots);
    expect(blocks.every(({ diagonals }) => diagonals.offsets.every((offset) => offset === 0))).toBe(true);
  });
});

test('results take the channels from a given one on, and no others', () => {
  const operator = convolution({ weight: [2, 2, 3, 3], pads: [1, 1, 1, 1] }, [2, 4, 4]);
  const slots = 2 ** 12;
  const from = inSlots([2, 4, 4], slots, 32);
  const to = inSlots([5, 4, 4], slots, 32);
  const picture = randomTensor([2, 4, 4], 1);
  const outputs = applyMap(localMap(operator, 2, from, to, slots, slots), layOut(from, slots, [picture]), 1);
  const found = readOut(to, outputs, 0, [5, 4, 4]).data;
  const expected = new Float64Array(80);
  expected.set(evaluateOperator(operator, picture).data, 32);
  expect(largestDifference(found, expected)).toBeLessThan(1e-12);
});

test('copies are mapped alike', () => {
  const operator = convolution({ weight: [3, 4, 1, 1] }, [4, 1, 1]);
  const slots = 256;
  const layout = (channels: number): Layout => ({
    digits: [
      { axis: 'channel', extent: channels, slotStride: 1, ciphertextStride: 0 },
      { axis: 'image', extent: 2, slotStride: 8, ciphertextStride: 0 },
      { axis: 'copy', extent: 8, slotStride: 32, ciphertextStride: 0 },
    ],
    gaps: 'unspecified',
  });
  const picture = randomTensor([4, 1, 1], 1);
  const [once] = layOut(layout(4), slots, [picture]);
  const input = once!.map((_, slot) => once![slot % 32]!);
  const expected = evaluateOperator(operator, picture).data;
  for (const period of [8, slots]) {
    const outputs = applyMap(localMap(operator, 0, layout(4), layout(3), slots, period), [input], 1);
    for (const copy of [0, 1, 7]) {
      expect(largestDifference(readOut(layout(3), outputs, 0, [3, 1, 1], copy).data, expected)).toBeLessThan(1e-12);
    }
  }
});

test('diagonals are given for what is read, weights of zero included', () => {
  const operator = convolution({ weight: [1, 1, 3, 3], pads: [1, 1, 1, 1], width: 'circular' }, [1, 4, 4]);
  const zeros = { ...operator, weight: { shape: [1, 1, 3, 3], data: new Float64Array(9) } } as LocalOperator;
  const layout = inSlots([1, 4, 4], 256, 4);
  const [block, second] = localMap(zeros, 0, layout, layout, 256, 32).blocks;
  expect(second).toBeUndefined();
  expect([...block!.diagonals.offsets].sort((left, right) => left - right)).toEqual([
    -72, -64, -56, -8, 0, 8, 56, 64, 72,
  ]);
});
