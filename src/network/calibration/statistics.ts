import type { Tensor } from '../../tensor/tensor.js';
import type { ActivationRange } from '../graph.js';

const bins = 4096;
const quantile = 0.9999;

/**
 * Magnitudes of an activation's inputs: the largest, the least that all but one in ten thousand stay within (to a 4096th of
 * the largest), and `margin` times the largest as the bound. Where all inputs are 0 the range is that of 1; where one is not
 * finite none of its numbers is.
 */
export function rangeOfInputs(inputs: readonly Tensor[], margin: number): ActivationRange {
  const max = largestMagnitude(inputs);
  if (max === 0) {
    return { max: 1, quantile9999: 1, bound: margin };
  }
  if (!Number.isFinite(max)) {
    return { max, quantile9999: max, bound: max };
  }
  const counts = new Float64Array(bins);
  let total = 0;
  for (const { data } of inputs) {
    total += data.length;
    for (const value of data) {
      counts[Math.min(bins - 1, Math.floor((Math.abs(value) / max) * bins))]! += 1;
    }
  }
  let below = 0;
  let bin = 0;
  while (below < quantile * total) {
    below += counts[bin++]!;
  }
  return { max, quantile9999: (max * bin) / bins, bound: margin * max };
}

export function largestMagnitude(tensors: readonly Tensor[]): number {
  let max = 0;
  for (const { data } of tensors) {
    for (const value of data) {
      // Of a number that is none the result is none.
      max = Math.max(max, Math.abs(value));
    }
  }
  return max;
}
