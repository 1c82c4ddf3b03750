import type { ChebyshevPolynomial } from './circuit.js';

/**
 * Interpolation of `f` on [-bound, bound] at the degree + 1 Chebyshev nodes.
 * coefficients[k] multiplies T_k(x / bound); the constant term is not halved.
 */
export function chebyshevInterpolation(f: (x: number) => number, degree: number, bound: number): ChebyshevPolynomial {
  const count = degree + 1;
  const values = Float64Array.from({ length: count }, (_, node) =>
    f(bound * Math.cos((Math.PI * (node + 0.5)) / count)),
  );
  const coefficients = Float64Array.from({ length: count }, (_, index) => {
    let sum = 0;
    for (let node = 0; node < count; node++) {
      sum += values[node]! * Math.cos((Math.PI * index * (node + 0.5)) / count);
    }
    return ((index === 0 ? 1 : 2) * sum) / count;
  });
  return { coefficients, bound };
}

/** Value at x by Clenshaw's recurrence. */
export function evaluateChebyshev(polynomial: ChebyshevPolynomial, x: number): number {
  const { coefficients, bound } = polynomial;
  const scaled = x / bound;
  let next = 0;
  let afterNext = 0;
  for (let index = coefficients.length - 1; index >= 1; index--) {
    const current = 2 * scaled * next - afterNext + coefficients[index]!;
    afterNext = next;
    next = current;
  }
  return scaled * next - afterNext + coefficients[0]!;
}

/**
 * Levels that Paterson-Stockmeyer takes for a Chebyshev polynomial on [-1, 1] whose degree is below k (2^m - 1), for
 * the best k and m: ceil(log2 k) + m (Chen, Chillotti, Song, ePrint 2018/1043; the depth table of OpenFHE, which counts
 * one level more for mapping another interval to [-1, 1]).
 */
export function chebyshevDepth(degree: number): number {
  return Math.ceil(Math.log2(degree + 2));
}
