/**
 * What theory counts: multiplications of 52-bit halves in a key switch with one digit, and in linear maps built from it. A
 * butterfly is three, a multiply-add two. Rings, levels and maps are those of native/bench/bench_setting.cpp.
 */
const BUTTERFLY = 3;
const MULTIPLY_ADD = 2;

/** Rotated baby steps, giant steps besides the root, diagonals, and their period (undefined: all slots). */
const MAPS = {
  convolution: { babies: 23, giants: 7, diagonals: 189, period: 512 },
  dense144: { babies: 15, giants: 8, diagonals: 144 },
  dense255: { babies: 15, giants: 15, diagonals: 255 },
};

const COUNTS = {
  rotate: keySwitch,
  square: keySwitch,
  ...Object.fromEntries(Object.entries(MAPS).map(([name, map]) => [name, (ring) => linearMap(ring, map)])),
};

/** Operations that have a count. */
export const countedOperations = Object.keys(COUNTS);

/** Multiplications of an operation at N = 2^logN and a level. */
export function countMultiplications(name, logN, level) {
  const digitBits = 50 + 41 * level;
  const specials = Math.min(17, Math.max(1, Math.ceil((digitBits - 18) / 50)));
  return COUNTS[name]({ n: 2 ** logN, limbs: level + 1, specials });
}

function keySwitch(ring) {
  return decomposition(ring) + keyProduct(ring) + 2 * division(ring);
}

/** To coefficients, to the special primes, and their transforms. */
function decomposition({ n, limbs, specials }) {
  return transforms(n, limbs + specials) + conversion(n, limbs, specials);
}

/** One digit times both halves of a key. */
function keyProduct({ n, limbs, specials }) {
  return MULTIPLY_ADD * 2 * n * (limbs + specials);
}

/** One polynomial by the special primes. */
function division({ n, limbs, specials }) {
  return transforms(n, limbs + specials) + conversion(n, specials, limbs);
}

/** One decomposition for all baby steps; a hop divides one polynomial, and switches it without dividing again. */
function linearMap(ring, { babies, giants, diagonals, period = ring.n / 2 }) {
  const { n, limbs, specials } = ring;
  const rows = limbs + specials;
  const weights = diagonals * transforms(2 * period, rows);
  const products = diagonals * MULTIPLY_ADD * 2 * n * rows;
  const hops = giants * (division(ring) + decomposition(ring) + keyProduct(ring));
  return decomposition(ring) + babies * keyProduct(ring) + weights + products + hops + 2 * division(ring);
}

function transforms(n, count) {
  return (BUTTERFLY * count * n * Math.log2(n)) / 2;
}

function conversion(n, from, to) {
  return MULTIPLY_ADD * n * from * to;
}

/**
 * {name, logN, level, multiplications, milliseconds} of every counted operation that was measured on one thread with the
 * best kernels: all rings at their top level, the largest at every level.
 */
export function growthPoints(result) {
  return countedOperations.flatMap((name) =>
    result.engine
      .filter((run) => run.name === name && run.threads === 1 && run.kernel === result.bestKernel)
      .map(({ logN, level, milliseconds }) => ({
        name,
        logN,
        level,
        milliseconds,
        multiplications: countMultiplications(name, logN, level),
      })),
  );
}
