import { type ChebyshevPolynomial, chebyshevFit } from '../../chebyshev.js';
import type { ActivationRange } from '../../network/graph.js';

/** Share of the fit's weight that follows the inputs' distribution; the rest holds the polynomial to ReLU everywhere. */
const distributionShare = 0.9;
/** A normal variable stays within so many deviations with probability 0.9999. */
const quantileDeviations = 3.891;

/**
 * Polynomial on [-1, 1] for u -> ReLU(bound u). A polynomial of a few dozen degrees can't follow the kink at zero, and
 * zero is where most inputs lie: a fit that is best on the whole interval is off there, always to the same side, and
 * convolutions add that up. So inputs are taken as normal with the quantile of the weights' card, and the squared error
 * is least in their mean; its mean over them is then about zero as well.
 */
export function reluPolynomial(range: ActivationRange, degree: number): ChebyshevPolynomial {
  const { bound } = range;
  return chebyshevFit((u) => Math.max(0, bound * u), degree, 1, reluWeight(range));
}

/** What an error at u weighs, for points that lie evenly in the angle arccos u. */
export function reluWeight({ bound, quantile9999 }: ActivationRange): (u: number) => number {
  const deviation = quantile9999 / quantileDeviations / bound;
  return (u) => {
    const density = Math.exp(-((u / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
    // sin(angle) turns evenly in the angle into evenly in u.
    return distributionShare * density * Math.sqrt(1 - u * u) + (1 - distributionShare) / Math.PI;
  };
}
