/** Chebyshev polynomial: sum of coefficients[k] T_k(x / bound) on [-bound, bound]. */
export interface ChebyshevPolynomial {
  readonly coefficients: Float64Array;
  readonly bound: number;
}

/** Sample points for each coefficient of a fit; the weight must not change much between two of them. */
const oversampling = 16;

/**
 * Least-squares approximation of `f` on [-bound, bound]: minimises the sum of weight(x) (f(x) - p(x))^2 over many
 * Chebyshev points x = bound cos(theta), which lie evenly in theta. Without a weight this is the truncated Chebyshev
 * series. The weight must be positive. coefficients[k] multiplies T_k(x / bound); the constant term is not halved.
 *
 * The normal equations need the moments m_j, sums of weight(x) T_j(x / bound), alone: T_k T_l = (T_(k+l) + T_|k-l|) / 2.
 */
export function chebyshevFit(
  f: (x: number) => number,
  degree: number,
  bound: number,
  weight: (x: number) => number = () => 1,
): ChebyshevPolynomial {
  const count = degree + 1;
  const samples = oversampling * count;
  const moments = new Float64Array(2 * degree + 1);
  const targets = new Float64Array(count);
  for (let sample = 0; sample < samples; sample++) {
    const scaled = Math.cos((Math.PI * (sample + 0.5)) / samples);
    const sampleWeight = weight(bound * scaled);
    const value = sampleWeight * f(bound * scaled);
    let before = scaled;
    let current = 1;
    for (let index = 0; index < moments.length; index++) {
      moments[index]! += sampleWeight * current;
      if (index < count) {
        targets[index]! += value * current;
      }
      const next = 2 * scaled * current - before;
      before = current;
      current = next;
    }
  }
  const matrix = Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: row + 1 }, (_, column) => (moments[row + column]! + moments[row - column]!) / 2),
  );
  return { coefficients: solvePositiveDefinite(matrix, targets), bound };
}

/** x with matrix x = target, by Cholesky's factorisation. `matrix` holds the rows of the lower triangle and is replaced. */
function solvePositiveDefinite(matrix: readonly Float64Array[], target: Float64Array): Float64Array {
  const solution = target.slice();
  for (const [row, entries] of matrix.entries()) {
    for (let column = 0; column < row; column++) {
      const earlier = matrix[column]!;
      entries[column]! = (entries[column]! - dot(entries, earlier, column)) / earlier[column]!;
    }
    entries[row]! = Math.sqrt(entries[row]! - dot(entries, entries, row));
    solution[row]! = (solution[row]! - dot(entries, solution, row)) / entries[row]!;
  }
  for (let row = matrix.length - 1; row >= 0; row--) {
    const entries = matrix[row]!;
    solution[row]! /= entries[row]!;
    for (let column = 0; column < row; column++) {
      solution[column]! -= entries[column]! * solution[row]!;
    }
  }
  return solution;
}

/** Scalar product of the first `length` entries. */
function dot(left: Float64Array, right: Float64Array, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) {
    sum += left[index]! * right[index]!;
  }
  return sum;
}

/**
 * Values at each of x, by Clenshaw's recurrence; four at a time, as each step of one waits for the step before it. Past the
 * end of x an array reads as NaN and drops what is written.
 */
export function evaluateChebyshev({ coefficients, bound }: ChebyshevPolynomial, x: Float64Array): Float64Array {
  const values = new Float64Array(x.length);
  const constant = coefficients[0]!;
  for (let start = 0; start < x.length; start += 4) {
    const double0 = (2 * x[start]!) / bound;
    const double1 = (2 * x[start + 1]!) / bound;
    const double2 = (2 * x[start + 2]!) / bound;
    const double3 = (2 * x[start + 3]!) / bound;
    let next0 = 0;
    let next1 = 0;
    let next2 = 0;
    let next3 = 0;
    let after0 = 0;
    let after1 = 0;
    let after2 = 0;
    let after3 = 0;
    for (let index = coefficients.length - 1; index >= 1; index--) {
      const coefficient = coefficients[index]!;
      const current0 = double0 * next0 + (coefficient - after0);
      const current1 = double1 * next1 + (coefficient - after1);
      const current2 = double2 * next2 + (coefficient - after2);
      const current3 = double3 * next3 + (coefficient - after3);
      after0 = next0;
      after1 = next1;
      after2 = next2;
      after3 = next3;
      next0 = current0;
      next1 = current1;
      next2 = current2;
      next3 = current3;
    }
    values[start] = (double0 / 2) * next0 - after0 + constant;
    values[start + 1] = (double1 / 2) * next1 - after1 + constant;
    values[start + 2] = (double2 / 2) * next2 - after2 + constant;
    values[start + 3] = (double3 / 2) * next3 - after3 + constant;
  }
  return values;
}
