/** What `infer` needs beside a linear step's partial sums at N = 2^16: tables, ciphertexts, weights, Node itself. */
const FIXED_BYTES = 500e6;
const LEAST_PARTIAL_SUM_BYTES = 40e6;
const PREFERRED_PARTIAL_SUM_BYTES = 500e6;

/**
 * Memory for the partial sums of a linear step. All of them at once are fastest; fewer make the rotated copies of the
 * input again for each group.
 */
export function partialSumBytes(memoryBudget: number | undefined): number {
  if (memoryBudget === undefined) {
    return PREFERRED_PARTIAL_SUM_BYTES;
  }
  const left = memoryBudget - FIXED_BYTES;
  return Math.min(PREFERRED_PARTIAL_SUM_BYTES, Math.max(LEAST_PARTIAL_SUM_BYTES, left));
}
