import { describe, expect, test } from 'vitest';
import { activationForm } from '../../src/lowering/activation-form.js';
import type { ActivationLayer } from '../../src/lowering/layers.js';

const quadratic = {
  name: 'quadratic',
  a: Float64Array.of(0.11, 0.08, -0.2, 0.1),
  b: Float64Array.of(0.6, 0.5, 0.7, -0.4),
  k: Float64Array.of(0, 0.1, -0.3, 0.2),
} as const;
const layer: ActivationLayer = {
  kind: 'activation',
  name: 'stem.activation',
  shape: [4, 8, 8],
  source: 'stem',
  function: quadratic,
  range: { max: 5, quantile9999: 4, bound: 8 },
};

describe('quadratic', () => {
  const form = activationForm(layer);

  test('is the same function', () => {
    for (let channel = 0; channel < 4; channel++) {
      for (const x of [-3, -0.5, 0, 1.7, 4]) {
        const u = form.scale[channel]! * (x + form.shift[channel]!);
        const expected = quadratic.a[channel]! * x ** 2 + quadratic.b[channel]! * x + quadratic.k[channel]!;
        expect(form.factor[channel]! * (u ** 2 + form.offset[channel]!)).toBeCloseTo(expected, 12);
      }
    }
  });

  test('its input stays within [-1, 1] over the range, and reaches an end', () => {
    for (let channel = 0; channel < 4; channel++) {
      const ends = [-4, 4].map((x) => Math.abs(form.scale[channel]! * (x + form.shift[channel]!)));
      expect(Math.max(...ends)).toBeCloseTo(1, 12);
    }
  });

  test('without a quadratic term it is refused, naming layer and channel', () => {
    const flat: ActivationLayer = { ...layer, function: { ...quadratic, a: Float64Array.of(0.1, 0.2, 0, 0.1) } };
    expect(() => activationForm(flat)).toThrow(/stem\.activation: channel 2/);
    expect(() => activationForm(flat)).toThrow(expect.objectContaining({ code: 'ERR_WEIGHTS' }));
  });
});

test('an activation without a range is refused, naming it', () => {
  expect(() => activationForm({ ...layer, range: undefined })).toThrow(/no range .* stem\.activation/);
});
