import { describe, expect, test } from 'vitest';
import { activationForm } from '../../src/lowering/activation-form.js';
import type { Network, SquareActivation } from '../../src/network/description.js';
import { randomNetwork } from '../support/random-network.js';

const shape = { channels: [4], height: 8, width: 8, blocksPerStage: 1, padding: 'zero', classes: 3, seed: 9 } as const;
const network = randomNetwork({ ...shape, activation: 'square' });
const activation = network.stemActivation as SquareActivation;

describe('square activation', () => {
  const form = activationForm(network, activation, 4);

  test('is the same function', () => {
    for (let channel = 0; channel < 4; channel++) {
      for (const x of [-3, -0.5, 0, 1.7, 4]) {
        const u = form.scale[channel]! * (x + form.shift[channel]!);
        const expected = activation.a[channel]! * x ** 2 + activation.b[channel]! * x + activation.k[channel]!;
        expect(form.factor[channel]! * (u ** 2 + form.offset[channel]!)).toBeCloseTo(expected, 12);
      }
    }
  });

  test('its input stays within [-1, 1] over the range of the card, and reaches an end', () => {
    const reach = network.ranges.get(activation.name)!.quantile9999;
    for (let channel = 0; channel < 4; channel++) {
      const ends = [-reach, reach].map((x) => Math.abs(form.scale[channel]! * (x + form.shift[channel]!)));
      expect(Math.max(...ends)).toBeCloseTo(1, 12);
    }
  });

  test('without a quadratic term it is refused, naming layer and channel', () => {
    const flat = { ...activation, a: Float64Array.of(0.1, 0.2, 0, 0.1) };
    expect(() => activationForm(network, flat, 4)).toThrow(/stem\.activation: channel 2/);
    expect(() => activationForm(network, flat, 4)).toThrow(expect.objectContaining({ code: 'ERR_WEIGHTS' }));
  });
});

test('an activation without a range is refused, naming it', () => {
  const without: Network = { ...network, ranges: new Map() };
  expect(() => activationForm(without, activation, 4)).toThrow(/no range for the activation stem\.activation/);
});
