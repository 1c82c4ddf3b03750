import { describe, expect, test } from 'vitest';
import { ciphertextCount, extentOf, fitsSlots, type Layout, placesAlong } from '../../src/circuit/layout.js';

/** Rows as phase + 3 * coarse, phases in ciphertexts 2 apart. */
const layout: Layout = {
  digits: [
    { axis: 'row', extent: 3, slotStride: 0, ciphertextStride: 2 },
    { axis: 'row', extent: 4, slotStride: 5, ciphertextStride: 0 },
    { axis: 'channel', extent: 2, slotStride: 0, ciphertextStride: 1 },
  ],
  extents: { row: 11 },
  gaps: 'unspecified',
};

test('a coordinate is written in its digits, the least significant first', () => {
  expect(placesAlong(layout, 'row')).toHaveLength(11);
  expect(placesAlong(layout, 'row')[10]).toEqual({ ciphertext: 2, slot: 15 });
  expect(placesAlong(layout, 'channel')).toEqual([
    { ciphertext: 0, slot: 0 },
    { ciphertext: 1, slot: 0 },
  ]);
  expect(placesAlong(layout, 'column')).toEqual([{ ciphertext: 0, slot: 0 }]);
});

test('extents are those of the digits, or fewer; every phase and channel has a ciphertext', () => {
  expect((['row', 'channel', 'column'] as const).map((axis) => extentOf(layout, axis))).toEqual([11, 2, 1]);
  expect(ciphertextCount(layout)).toBe(6);
});

describe('elements have slots of their own', () => {
  const of = (rowStride: number, columns: number): Layout => ({
    digits: [
      { axis: 'column', extent: columns, slotStride: 32, ciphertextStride: 0 },
      { axis: 'channel', extent: 3, slotStride: 1, ciphertextStride: 0 },
      { axis: 'row', extent: 8, slotStride: rowStride, ciphertextStride: 0 },
    ],
    gaps: 'unspecified',
  });
  test.each<[string, Layout, boolean]>([
    ['side by side', of(4, 8), true],
    ['channels that reach the next row', of(2, 8), false],
    ['rows that reach the next column', of(8, 8), false],
    ['columns beyond the last slot', of(4, 9), false],
    ['strides below 1', of(0.5, 8), false],
  ])('%s', (_, tested, expected) => {
    expect(fitsSlots(tested, 256)).toBe(expected);
  });
});
