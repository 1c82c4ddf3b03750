import { expect, test } from 'vitest';
import { functionOf } from '../../../src/network/activation-functions.js';
import { fitPolynomial, fitQuadratic } from '../../../src/network/calibration/fit.js';
import { rangeOfInputs } from '../../../src/network/calibration/statistics.js';
import { type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { seededNormal } from '../../support/random.js';

const relu = functionOf({ name: 'relu' });

/** Channels of evenly spread values, each from one number to another, in two samples. */
function evenly(...channels: readonly (readonly [number, number])[]): Tensor[] {
  const count = 2000;
  return [0, 1].map((half) =>
    tensor(
      [channels.length, 1, count],
      Float64Array.from(
        channels.flatMap(([from, to]) =>
          Array.from({ length: count }, (_, index) => from + ((to - from) * (2 * index + half + 0.5)) / (2 * count)),
        ),
      ),
    ),
  );
}

test('the range of inputs', () => {
  const data = Float64Array.from({ length: 20_000 }, (_, index) =>
    index < 19_998 ? index / 20_000 : -(index - 19_990),
  );
  const { max, quantile9999, bound } = rangeOfInputs([tensor([1, 1, 20_000], data)], 1.5);
  expect(max).toBe(9);
  expect(bound).toBe(13.5);
  expect(quantile9999).toBeGreaterThanOrEqual(19_997 / 20_000);
  expect(quantile9999).toBeLessThan(1.01);
  expect(rangeOfInputs([tensor([1, 1, 2])], 2)).toEqual({ max: 1, quantile9999: 1, bound: 2 });
});

test('the least squares of ReLU by a quadratic, channel by channel', () => {
  const { a, b, k } = fitQuadratic(relu, evenly([-1, 1], [-2, 2]), 2);
  // Of [-1, 1]: 15/32 x^2 + 1/2 x + 3/32, by the Legendre polynomials.
  [a[0]!, b[0]!, k[0]!].forEach((value, index) => {
    expect(value).toBeCloseTo([15 / 32, 1 / 2, 3 / 32][index]!, 4);
  });
  expect(a[1]).toBeCloseTo(15 / 64, 4);
  expect(k[1]).toBeCloseTo(6 / 32, 4);
});

test('a quadratic is its own fit', () => {
  const { a, b, k } = fitQuadratic((x) => 3 * x * x - 2 * x + 0.5, evenly([1, 5]), 1);
  expect(a[0]).toBeCloseTo(3, 8);
  expect(b[0]).toBeCloseTo(-2, 8);
  expect(k[0]).toBeCloseTo(0.5, 8);
});

test('where inputs show no curvature, the vertex stays within 12 deviations and the error is least beside it', () => {
  const inputs = evenly([2, 4]);
  const { a, b, k } = fitQuadratic(relu, inputs, 1);
  const deviation = 2 / Math.sqrt(12);
  expect(Math.abs(b[0]! / (2 * a[0]!) + 3) / deviation).toBeCloseTo(12, 2);
  // Of x on [2, 4] by a quadratic of curvature a: the error is a ((x - 3)^2 - 1/3).
  for (const x of [2, 3, 4]) {
    expect(a[0]! * x * x + b[0]! * x + k[0]! - x).toBeCloseTo(a[0]! * ((x - 3) ** 2 - 1 / 3), 5);
  }
});

test.each([3, 0])('inputs that are all %d', (x) => {
  const { a, b, k } = fitQuadratic(relu, evenly([x, x]), 1);
  expect(a[0]).not.toBe(0);
  expect(a[0]! * x * x + b[0]! * x + k[0]!).toBeCloseTo(x, 10);
});

test('polynomials follow a function where its inputs lie', () => {
  const normal = seededNormal(3);
  const inputs = [
    tensor(
      [1, 1, 20_000],
      Float64Array.from({ length: 20_000 }, () => normal()),
    ),
  ];
  const silu = functionOf({ name: 'silu' });
  const errorOf = (degree: number, at: (x: number) => boolean): number => {
    const value = functionOf(fitPolynomial(silu, degree, inputs, 8));
    return Math.max(
      ...Array.from({ length: 161 }, (_, i) => i / 10 - 8)
        .filter(at)
        .map((x) => Math.abs(value(x) - silu(x))),
    );
  };
  expect(errorOf(6, (x) => Math.abs(x) < 2)).toBeLessThan(errorOf(6, (x) => Math.abs(x) > 4));
  expect(errorOf(16, (x) => Math.abs(x) < 2)).toBeLessThan(0.005);
  const cubic = (x: number): number => x ** 3 - x;
  const fit = fitPolynomial(cubic, 3, inputs, 8);
  expect(fit).toMatchObject({ name: 'polynomial', bound: 8 });
  expect(functionOf(fit)(1.5)).toBeCloseTo(cubic(1.5), 8);
});
