/** One factor of a bootstrap's transform between slots and coefficients: how many diagonals, and keys, it has. */
export interface TransformFactor {
  readonly diagonals: number;
  /** Baby steps, rotated from one decomposition, and giant steps; without the rotations by nothing. */
  readonly babies: number;
  readonly hops: number;
}

/**
 * OpenFHE's split of a transform over `slots` slots into `budget` factors, each of one level: as many layers of the
 * transform in each factor as an even split needs, what remains in the last; r layers make 2^(r + 1) - 1 diagonals, of
 * which as many baby steps as GetCollapsedFFTParams of release 1.4 says. A few of the rotations are shared between
 * factors, which is not counted.
 */
export function transformFactors(slots: number, budget: number): TransformFactor[] {
  const layers = Math.log2(slots);
  const most = Math.ceil(layers / budget);
  return Array.from({ length: budget }, (_, index) => {
    const merged = Math.max(0, Math.min(most, layers - index * most));
    const diagonals = 2 ** (merged + 1) - 1;
    const babySteps = 2 ** (Math.floor(merged / 2) + (diagonals > 7 ? 2 : 1));
    const giantSteps = (diagonals + 1) / babySteps;
    return { diagonals, babies: Math.max(0, babySteps - 1), hops: Math.max(0, giantSteps - 1) };
  });
}

/** The library's approximation of the reduction modulo the first prime, for sparse secrets. */
export const evalMod = { degree: 44, doubleAngles: 3 } as const;

/**
 * Products of ciphertexts in the library's Chebyshev evaluation by Paterson and Stockmeyer, in k baby and m giant steps
 * with degree < k (2^m - 1), at the k and m that need the fewest; and how many powers are brought to one level.
 */
export function chebyshevProducts(degree: number): { readonly products: number; readonly adjusted: number } {
  let best = { products: Number.POSITIVE_INFINITY, adjusted: 0 };
  for (let giants = 1; giants <= Math.ceil(Math.log2(degree + 1)); giants++) {
    const babies = Math.ceil((degree + 1) / (2 ** giants - 1));
    const products = babies + 2 * giants + 2 ** (giants - 1) - 4;
    if (products < best.products) {
      best = { products, adjusted: babies + 2 ** (giants - 1) };
    }
  }
  return best;
}
