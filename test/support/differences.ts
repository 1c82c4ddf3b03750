/** Largest distance between entries of two vectors of one length; infinite for vectors of different lengths. */
export function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) {
    return Number.POSITIVE_INFINITY;
  }
  let largest = 0;
  for (let index = 0; index < left.length; index++) {
    largest = Math.max(largest, Math.abs(left[index]! - right[index]!));
  }
  return largest;
}
