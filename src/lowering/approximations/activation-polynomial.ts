import { type ChebyshevPolynomial, chebyshevFit, evaluateChebyshev } from '../../chebyshev.js';
import { FheError } from '../../errors.js';
import type { PolynomialChoice } from '../../scheme/circuit-parameters.js';
import { heldFunction, rangeOf } from '../activation-form.js';
import type { ActivationLayer } from '../layers.js';
import { inputWeight } from './input-weight.js';

/** Functions whose slope jumps, so that polynomials approach them slowly. */
const kinked: ReadonlySet<ActivationLayer['function']['name']> = new Set([
  'relu',
  'relu6',
  'leaky-relu',
  'elu',
  'hard-sigmoid',
  'hard-swish',
]);
/** A deeper polynomial takes more levels than any ring has room for. */
const greatestDepth = 8;
/** Points at which errors are measured, for each degree. */
const pointsPerDegree = 8;

/**
 * Polynomial on [-1, 1] for g of an activation's form, whose values are of size 1. Smooth functions by their truncated
 * Chebyshev series, whose error is within a small factor of the least that any polynomial of the degree has on the whole
 * range; those with a kink by least squares where their inputs lie.
 *
 * Of a stated precision: the least depth at which the largest error of a smooth function, or the root mean square of one
 * with a kink over its inputs, is at most 2^-precisionBits, and the greatest degree of that depth. Throws ERR_NETWORK where
 * none is as precise.
 */
export function activationPolynomial(layer: ActivationLayer, choice: PolynomialChoice): ChebyshevPolynomial {
  if ('degree' in choice) {
    return polynomialOf(layer, choice.degree);
  }
  let best = Number.POSITIVE_INFINITY;
  for (let depth = 2; depth <= greatestDepth; depth++) {
    const polynomial = polynomialOf(layer, greatestDegree(depth));
    const error = errorOf(layer, polynomial);
    if (error <= 2 ** -choice.precisionBits) {
      return polynomial;
    }
    best = Math.min(best, error);
  }
  throw new FheError(
    'ERR_NETWORK',
    `${layer.name} (${layer.function.name}): no polynomial of ${greatestDepth} levels follows it to ` +
      `${choice.precisionBits} bits on [-${rangeOf(layer).bound}, ${rangeOf(layer).bound}], the best one to ` +
      `${(-Math.log2(best)).toFixed(1)}; ask for less precision, or train with values in a smaller range`,
  );
}

/** The greatest degree of which `chebyshevDepth` is `depth`. */
function greatestDegree(depth: number): number {
  return 2 ** depth - 2;
}

function polynomialOf(layer: ActivationLayer, degree: number): ChebyshevPolynomial {
  const weight = kinked.has(layer.function.name) ? inputWeight(rangeOf(layer)) : undefined;
  return chebyshevFit(heldFunction(layer), degree, 1, weight);
}

/** See `activationPolynomial`. */
function errorOf(layer: ActivationLayer, polynomial: ChebyshevPolynomial): number {
  const count = pointsPerDegree * polynomial.coefficients.length;
  const points = Float64Array.from({ length: count }, (_, index) => Math.cos((Math.PI * (index + 0.5)) / count));
  const held = heldFunction(layer);
  const errors = evaluateChebyshev(polynomial, points).map((value, index) => Math.abs(value - held(points[index]!)));
  if (!kinked.has(layer.function.name)) {
    return Math.max(...errors);
  }
  const weights = points.map(inputWeight(rangeOf(layer)));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return Math.sqrt(sum(errors.map((error, index) => weights[index]! * error ** 2)) / sum(weights));
}
