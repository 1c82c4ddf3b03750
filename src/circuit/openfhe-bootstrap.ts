/** One factor of a bootstrap's transform between slots and coefficients: how many diagonals, and keys, it has. */
export interface TransformFactor {
  readonly diagonals: number;
  /** Baby and giant steps, without the rotations by nothing. */
  readonly rotations: number;
}

/**
 * OpenFHE's split of a transform over `slots` slots into `budget` factors, each of one level: as many layers of the
 * transform in each factor as an even split needs, what remains in the last; r layers make 2^(r + 1) - 1 diagonals, of
 * which as many giant steps as GetCollapsedFFTParams of release 1.4 says. A few of the rotations are shared between
 * factors, which is not counted.
 */
export function transformFactors(slots: number, budget: number): TransformFactor[] {
  const layers = Math.log2(slots);
  const most = Math.ceil(layers / budget);
  return Array.from({ length: budget }, (_, index) => {
    const merged = Math.max(0, Math.min(most, layers - index * most));
    const diagonals = 2 ** (merged + 1) - 1;
    const giantSteps = 2 ** (Math.floor(merged / 2) + (diagonals > 7 ? 2 : 1));
    return { diagonals, rotations: Math.max(0, giantSteps + (diagonals + 1) / giantSteps - 2) };
  });
}
