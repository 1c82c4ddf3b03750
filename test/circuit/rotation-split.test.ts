import { describe, expect, test } from 'vitest';
import { assignOffsets, hopOf, splitRotations } from '../../src/circuit/rotation-split.js';
import { splitOffsets } from '../../src/planning/splits.js';

const slots = 4096;
const columnStride = 512;

/** Offsets of a 3x3 convolution: three columns, three rows of 16 slots, 8 channels. */
const offsets = [-1, 0, 1].flatMap((column) =>
  Array.from({ length: 47 }, (_, index) => column * columnStride + index - 23),
);

describe.each([
  { babies: 4, columns: 'giant' },
  { babies: 16, columns: 'giant' },
  { babies: 16, columns: 'baby' },
  { babies: 64, columns: 'giant' },
] as const)('$babies baby steps, columns on the $columns side', (shape) => {
  const split = splitOffsets(offsets, columnStride, slots, shape);

  test('each offset is the sum of its baby and giant step', () => {
    const pairs = assignOffsets(split, offsets, slots);
    expect(pairs.size).toBe(offsets.length);
    for (const [offset, { baby, giant }] of pairs) {
      const sum = split.babySteps[baby]! + split.giantSteps[giant]!;
      expect((((sum - offset) % slots) + slots) % slots).toBe(0);
    }
  });

  test('hops along the tree add up to the giant step', () => {
    for (const [index, step] of split.giantSteps.entries()) {
      let sum = 0;
      for (let at = index; at >= 0; at = split.giantParents[at]!) {
        sum += hopOf(split, at);
      }
      expect(sum).toBe(step);
    }
  });

  test('giant steps need four keys at most, however many there are', () => {
    const hops = new Set(split.giantSteps.map((_, index) => hopOf(split, index)));
    hops.delete(0);
    expect(hops.size).toBeLessThanOrEqual(4);
    const keys = splitRotations(split, slots);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain(0);
  });
});

test('an offset that no pair reaches is refused', () => {
  const split = { babySteps: [0, 1], giantSteps: [2, 0], giantParents: [1, -1] };
  expect([...assignOffsets(split, [0, 1, 2, 3], slots).keys()]).toEqual([0, 1, 2, 3]);
  expect(() => assignOffsets(split, [4], slots)).toThrow(/offset 4/);
});

test.each([
  { babySteps: [0], giantSteps: [0, 2], giantParents: [-1, 0] },
  { babySteps: [0], giantSteps: [2, 0], giantParents: [0, -1] },
  { babySteps: [0], giantSteps: [0], giantParents: [] },
  { babySteps: [0], giantSteps: [2], giantParents: [-1] },
])('a malformed tree is refused: $giantSteps, $giantParents', (split) => {
  expect(() => assignOffsets(split, [0], slots)).toThrow(/tree/);
});
