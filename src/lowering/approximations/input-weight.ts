import type { ActivationRange } from '../../network/graph.js';

/** Share of a fit's weight that follows the inputs' distribution; the rest holds the polynomial to the function everywhere. */
const distributionShare = 0.9;
/** A normal variable stays within so many deviations with probability 0.9999. */
const quantileDeviations = 3.891;

/**
 * What an error at u = x / bound weighs in a least-squares fit, for points that lie evenly in the angle arccos u. A
 * polynomial of a few dozen degrees can't follow a kink such as ReLU's at zero, and zero is where most inputs lie: a fit
 * that is best on the whole interval is off there, always to the same side, and convolutions add that up. So inputs are
 * taken as normal with the quantile of the weights' card, and the squared error is least in their mean; its mean over them
 * is then about zero as well.
 */
export function inputWeight({ bound, quantile9999 }: ActivationRange): (u: number) => number {
  const deviation = quantile9999 / quantileDeviations / bound;
  return (u) => {
    const density = Math.exp(-((u / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
    // sin(angle) turns evenly in the angle into evenly in u.
    return distributionShare * density * Math.sqrt(1 - u * u) + (1 - distributionShare) / Math.PI;
  };
}
