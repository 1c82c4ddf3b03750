import { expect, test } from 'vitest';
import { chebyshevFit, evaluateChebyshev } from '../src/chebyshev.js';
import { inputWeight } from '../src/lowering/approximations/input-weight.js';
import { seededNormal } from './support/random.js';

test('a fit of a polynomial of its degree is that polynomial, whatever the weight', () => {
  const cubic = (x: number) => 2 * x ** 3 - x ** 2 + 0.5 * x - 3;
  const x = Float64Array.of(-4, -1.3, 0, 2.2, 4);
  for (const weight of [undefined, (at: number) => 0.01 + Math.exp(-at * at)]) {
    const fit = chebyshevFit(cubic, 5, 4, weight);
    expect(fit.coefficients).toHaveLength(6);
    expect(fit.coefficients[4]).toBeCloseTo(0, 12);
    evaluateChebyshev(fit, x).forEach((value, index) => {
      expect(value).toBeCloseTo(cubic(x[index]!), 10);
    });
  }
});

test('without a weight a fit is the truncated Chebyshev series', () => {
  // |x| = 2/pi + 4/pi * sum over m >= 1 of (-1)^(m+1) T_2m(x) / (4 m^2 - 1)
  const { coefficients } = chebyshevFit(Math.abs, 8, 1);
  const series = [2, 0, 4 / 3, 0, -4 / 15, 0, 4 / 35, 0, -4 / 63].map((value) => value / Math.PI);
  coefficients.forEach((coefficient, index) => {
    expect(coefficient).toBeCloseTo(series[index]!, 3);
  });
});

test('ReLU is met where the inputs lie, without a bias, and nowhere missed by much', () => {
  const range = { max: 26, quantile9999: 11, bound: 32 };
  const normal = seededNormal(4);
  const inputs = Float64Array.from({ length: 20_000 }, () => (normal() * range.quantile9999) / 3.891 / range.bound);
  const evenly = Float64Array.from({ length: 2001 }, (_, index) => index / 1000 - 1);
  const relu = (u: number): number => Math.max(0, range.bound * u);
  const fit = chebyshevFit(relu, 59, 1, inputWeight(range));
  const errors = (x: Float64Array) => evaluateChebyshev(fit, x).map((value, index) => value - relu(x[index]!));
  const atInputs = errors(inputs);
  const mean = atInputs.reduce((sum, error) => sum + error, 0) / inputs.length;
  const deviation = Math.sqrt(atInputs.reduce((sum, error) => sum + error * error, 0) / inputs.length);
  expect(Math.abs(mean)).toBeLessThan(0.005);
  expect(deviation).toBeLessThan(0.05);
  expect(Math.max(...errors(evenly).map(Math.abs))).toBeLessThan(0.3);
});
