import { describe, expect, test } from 'vitest';
import { assignOffsets, splitRotations } from '../../src/circuit/rotation-split.js';
import { splitOffsets, splitWithCopy } from '../../src/planning/splits.js';

const slots = 4096;
const columnStride = 512;
const shape8 = { babies: 8, columns: 'giant' } as const;

/** Offsets of a 3x3 convolution: three columns, three rows of 16 slots, 8 channels. */
const offsets = [-1, 0, 1].flatMap((column) =>
  Array.from({ length: 47 }, (_, index) => column * columnStride + index - 23),
);

describe.each([
  { babies: 4, columns: 'giant' },
  { babies: 8, columns: 'giant' },
  { babies: 8, columns: 'baby' },
  { babies: 16, columns: 'giant' },
] as const)('$babies baby steps, columns on the $columns side, with a copy in the imaginary part', (shape) => {
  const plain = splitOffsets(offsets, columnStride, slots, shape);
  const split = splitWithCopy(offsets, columnStride, slots, shape)!;

  test('each offset is its baby and giant step, and the shift where the copy serves it', () => {
    const pairs = assignOffsets(split, offsets, slots);
    expect([...pairs.keys()]).toEqual(offsets);
    for (const [offset, { baby, giant, copy }] of pairs) {
      const sum = split.babySteps[baby]! + split.giantSteps[giant]! + (copy ? split.imaginaryShift! : 0);
      expect((((sum - offset) % slots) + slots) % slots).toBe(0);
    }
  });

  test('no two offsets are served in the same place', () => {
    const pairs = [...assignOffsets(split, offsets, slots).values()];
    expect(new Set(pairs.map(({ baby, giant, copy }) => `${baby} ${giant} ${copy}`)).size).toBe(offsets.length);
    expect(pairs.some(({ copy }) => copy)).toBe(true);
    expect(pairs.some(({ copy }) => !copy)).toBe(true);
  });

  test('there are fewer giant steps and fewer products than without the copy', () => {
    const products = (chosen: typeof split) =>
      new Set([...assignOffsets(chosen, offsets, slots).values()].map(({ baby, giant }) => `${baby} ${giant}`)).size;
    expect(split.giantSteps.length).toBeLessThan(plain.giantSteps.length);
    expect(products(split)).toBeLessThan(0.7 * products(plain));
  });

  test('the shift is a whole number of hops and has its key', () => {
    expect(Math.abs(split.imaginaryShift! % shape.babies)).toBe(0);
    expect(splitRotations(split, slots)).toContain(split.imaginaryShift);
  });
});

test('a map whose offsets all point one way gains nothing from a copy', () => {
  expect(splitWithCopy([0, 3, 512, 530], columnStride, slots, shape8)).toBeUndefined();
});

test('an offset that neither the source nor its copy reaches is refused', () => {
  const split = { babySteps: [0, 1], giantSteps: [0], giantParents: [-1], imaginaryShift: -8 };
  expect([...assignOffsets(split, [0, 1, -8, -7], slots).values()].map(({ copy }) => copy)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(() => assignOffsets(split, [-6], slots)).toThrow(/offset -6/);
});
