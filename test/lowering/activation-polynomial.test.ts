import { describe, expect, test } from 'vitest';
import { evaluateChebyshev } from '../../src/chebyshev.js';
import { activationForm } from '../../src/lowering/activation-form.js';
import { activationPolynomial } from '../../src/lowering/approximations/activation-polynomial.js';
import type { ActivationLayer } from '../../src/lowering/layers.js';
import { functionOf } from '../../src/network/activation-functions.js';

function layerOf(of: ActivationLayer['function'], bound: number): ActivationLayer {
  const range = { max: bound, quantile9999: (2 * bound) / 3, bound };
  return { kind: 'activation', name: 'act', shape: [1, 1, 1], source: 'x', function: of, range };
}

/** The network's value at x by way of the form and the polynomial. */
function approximated(layer: ActivationLayer, precisionBits: number, x: number): number {
  const { scale, shift, factor, offset } = activationForm(layer);
  const polynomial = activationPolynomial(layer, { precisionBits });
  const [held] = evaluateChebyshev(polynomial, Float64Array.of(scale[0]! * (x + shift[0]!)));
  return factor[0]! * (held! + offset[0]!);
}

describe.each([
  { of: { name: 'sigmoid' }, bound: 8 },
  { of: { name: 'tanh' }, bound: 4 },
  { of: { name: 'gelu', approximation: 'none' }, bound: 6 },
  { of: { name: 'silu' }, bound: 6 },
] as const)('$of.name on [-$bound, $bound]', ({ of, bound }) => {
  test('is followed everywhere to the precision asked for', () => {
    const layer = layerOf(of, bound);
    const value = functionOf(of);
    const size = Math.max(...[-bound, bound].map((x) => Math.abs(value(x))));
    for (const x of Array.from({ length: 41 }, (_, index) => bound * (index / 20 - 1))) {
      expect(Math.abs(approximated(layer, 10, x) - value(x)) / size).toBeLessThan(2 ** -10);
    }
  });
});

test('a polynomial is left as it is, at any precision', () => {
  const own = { name: 'polynomial', coefficients: Float64Array.of(0.2, -0.4, 0.1, 0.3), bound: 5 } as const;
  const layer = layerOf(own, 5);
  for (const x of [-4, -0.3, 2, 5]) {
    expect(approximated(layer, 30, x)).toBeCloseTo(functionOf(own)(x), 12);
  }
});

describe('ReLU', () => {
  const layer = layerOf({ name: 'relu' }, 6);
  const errors = (precisionBits: number) =>
    [-4, -2, -1, 1, 2, 4].map((x) => Math.abs(approximated(layer, precisionBits, x) - Math.max(0, x)));

  test('the more precision is asked for, the closer and the deeper', () => {
    expect(Math.max(...errors(5))).toBeLessThan(6 * 2 ** -4);
    expect(Math.max(...errors(8))).toBeLessThan(6 * 2 ** -6);
    const degree = (precisionBits: number) => activationPolynomial(layer, { precisionBits }).coefficients.length - 1;
    expect([5, 7, 8].map(degree)).toEqual([6, 14, 30]);
  });

  test('what no depth reaches is refused, naming the layer and what can be reached', () => {
    expect(() => activationPolynomial(layer, { precisionBits: 20 })).toThrow(
      expect.objectContaining({
        code: 'ERR_NETWORK',
        message: expect.stringMatching(/act \(relu\).* 20 bits .*to 1\d\.\d/),
      }),
    );
  });
});
