import { describe, expect, test } from 'vitest';
import { evaluateChebyshev } from '../../src/chebyshev.js';
import { activationForm } from '../../src/lowering/activation-form.js';
import { activationPolynomial } from '../../src/lowering/approximations/activation-polynomial.js';
import type { ActivationLayer } from '../../src/lowering/layers.js';

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
