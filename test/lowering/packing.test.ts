import { expect, test } from 'vitest';
import { capacityOf, packImages, packingFor, unpackOutputs } from '../../src/circuit/port.js';
import { largestPacking } from '../../src/lowering/packing.js';
import { tensor } from '../../src/tensor/tensor.js';
import { ckksParameters, searchedCircuit } from '../support/parameters.js';
import { randomNetwork } from '../support/random-network.js';

const parameters = ckksParameters('params_test');
const shape = {
  channels: [4, 8],
  height: 8,
  width: 8,
  blocksPerStage: 1,
  activation: 'square',
  classes: 3,
  seed: 3,
} as const;
const circular = randomNetwork({ ...shape, padding: 'circular-width' });
const zero = randomNetwork({ ...shape, padding: 'zero' });

/** Pixel (colour, row, column) has the value 100 colour + 10 row + column + 1. */
const image = tensor(
  [3, 8, 8],
  Float64Array.from({ length: 192 }, (_, i) => 100 * Math.floor(i / 64) + 10 * (Math.floor(i / 8) % 8) + (i % 8) + 1),
);

test('images fill the positions first, then the imaginary part', () => {
  const largest = largestPacking(circular, parameters);
  expect(capacityOf(largest)).toBe(4);
  expect([1, 2, 3, 4].map((count) => packingFor(largest, count))).toEqual([
    { positions: 1, imaginary: false },
    { positions: 2, imaginary: false },
    { positions: 2, imaginary: true },
    { positions: 2, imaginary: true },
  ]);
  for (const count of [0, 5]) {
    expect(() => packingFor(largest, count)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  }
});

test('a slot holds the colour of the pixel that a tap of the stem reads', () => {
  // 2048 slots, 8 columns, blocks of 128 = 8 rows of 16 channels: slot = 256 column + 128 position + 16 row + channel.
  const circuit = searchedCircuit(circular, parameters, { positions: 2, imaginary: false });
  const blank = tensor([3, 8, 8]);
  const [packed] = packImages(circuit, [blank, image]);
  const { real, imaginary } = packed!;
  expect(imaginary).toBeUndefined();
  const slot = (column: number, row: number, tap: number, colour: number) =>
    256 * column + 128 + 16 * row + 3 * tap + colour;
  expect(real[slot(4, 6, 1, 2)]).toBe(265);
  expect(real[slot(4, 6, 0, 2)]).toBe(264);
  expect(real[slot(4, 6, 2, 1)]).toBe(166);
  expect(real[slot(0, 2, 0, 0)]).toBe(28);
  expect(real[slot(7, 2, 2, 0)]).toBe(21);
  expect(real[slot(4, 6, 3, 0)]).toBe(0);
  expect(real.filter((value) => value !== 0)).toHaveLength(9 * 64);

  const [padded] = packImages(searchedCircuit(zero, parameters, { positions: 2, imaginary: false }), [blank, image]);
  expect(padded!.real[slot(0, 2, 0, 0)]).toBe(0);
  expect(padded!.real[slot(7, 2, 2, 0)]).toBe(0);
  expect(padded!.real[slot(4, 6, 0, 2)]).toBe(264);
});

test('scores are read from all slots and from the mean over congruent slots', () => {
  const circuit = searchedCircuit(circular, parameters, { positions: 2, imaginary: true });
  // After one stride, columns are 512 slots apart.
  const full = new Float64Array(2048);
  const mean = new Float64Array(1024);
  for (let column = 0; column < 4; column++) {
    full.set([7, -2, 0.5], 512 * column + 128);
  }
  for (const start of [128, 640]) {
    mean.set([7, -2, 0.5], start);
  }
  const quarter = full.slice(0, 256).map((value) => value / 2);
  for (const values of [full, mean, quarter]) {
    const scores = unpackOutputs(circuit, [{ real: values, imaginary: values.map((value) => 2 * value) }], 4);
    expect(scores.map((of) => [...of])).toEqual([
      [0, 0, 0],
      [7, -2, 0.5],
      [0, 0, 0],
      [14, -4, 1],
    ]);
  }
  expect(() => unpackOutputs(circuit, [{ real: new Float64Array(128) }], 1)).toThrow(/256 at least/);
  expect(() => unpackOutputs(circuit, [{ real: full }], 3)).toThrow(/imaginary/);
});
