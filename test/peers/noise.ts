import { type CkksParameters, maximumLevelOf } from '../../src/scheme/parameters.js';
import { modulusBits } from '../../src/scheme/sizes.js';

/**
 * Predicted errors of the real part of a slot, as variances, for uniform ternary secrets. A polynomial whose N
 * coefficients err independently with variance v errs by N v in a slot, by half of that in its real part; a polynomial
 * times the secret by 2N/3 times as much. The encoding of real values has mirrored coefficients, so that its rounding
 * errs in the real part alone. The model is that of the native tests (native/test/support/noise.h).
 */

/** Variance of a coefficient of an encryption's error, and of a rounding. */
const errorVariance = 3.19 ** 2;
const roundingVariance = 1 / 12;

/** One library's parameters as far as its errors depend on them. */
export interface NoisyLibrary {
  readonly ringDimension: number;
  /** Scale of a fresh ciphertext that is squared; of one that is rotated or multiplied by a plaintext; of plaintexts. */
  readonly squareInputScale: number;
  readonly productInputScale: number;
  readonly plaintextScale: number;
  /** Whether a plaintext product is rescaled to the input's scale, which rounds it. */
  readonly rescales: boolean;
  /** The largest digit of a key switch over the product of the special primes. */
  readonly digitOverSpecials: number;
  /**
   * Primes whose remainders are summed without a correction when a key switch divides: each coefficient errs by the sum
   * of that many uniform values in [0, 1), whose mean is not zero. 0: the division rounds to nearest.
   */
  readonly uncorrectedPrimes: number;
}

export function ownLibrary(
  parameters: CkksParameters,
  scales: { readonly square: number; readonly product: number },
): NoisyLibrary {
  const { moduliBits, specialPrimeBits, specialPrimes } = parameters;
  const levels = maximumLevelOf(parameters);
  const digitBits = modulusBits(parameters, levels);
  return {
    ringDimension: parameters.ringDimension,
    squareInputScale: scales.square,
    productInputScale: scales.product,
    plaintextScale: 2 ** moduliBits[levels]!,
    rescales: true,
    digitOverSpecials: 2 ** (digitBits - specialPrimes[levels]! * specialPrimeBits),
    uncorrectedPrimes: 0,
  };
}

/** A peer with its one scale, whose digits are so much smaller than its special primes that key errors vanish. */
export function peerLibrary(
  { ringDimension, scaleBits }: { readonly ringDimension: number; readonly scaleBits: number },
  { uncorrectedPrimes }: Pick<NoisyLibrary, 'uncorrectedPrimes'>,
): NoisyLibrary {
  const scale = 2 ** scaleBits;
  return {
    ringDimension,
    squareInputScale: scale,
    productInputScale: scale,
    plaintextScale: scale,
    rescales: false,
    digitOverSpecials: 0,
    uncorrectedPrimes,
  };
}

/** Variance of the error of x squared and relinearised. */
export function squareVariance(library: NoisyLibrary, x: number): number {
  const scale = library.squareInputScale;
  return 4 * x ** 2 * encryption(library, scale) + keySwitch(library, 1) / scale ** 4;
}

/** Variance of the error of x times a weight. */
export function productVariance(library: NoisyLibrary, x: number, weight: number): number {
  const { ringDimension, plaintextScale, productInputScale } = library;
  const encoding = (roundingVariance * ringDimension) / plaintextScale ** 2;
  const rescale = library.rescales ? rounding(library) / productInputScale ** 2 : 0;
  return weight ** 2 * encryption(library, productInputScale) + x ** 2 * encoding + rescale;
}

/** Variances of the errors that a rotation leaves of its input's slots, before they move. */
export function rotationVariances(library: NoisyLibrary): Float64Array {
  const scale = library.productInputScale;
  const fresh = encryption(library, scale);
  return distancesFromOne(library.ringDimension).map((distance) => fresh + keySwitch(library, distance) / scale ** 2);
}

/**
 * How many deviations an error, or a difference of two, may reach: more happens in one of a billion vectors. The
 * rounding of a division meets the secret, a product of two normal complex numbers: its real part has Laplace's
 * distribution, whose tail exp(-sqrt(2) t) is the longest of all that contribute.
 */
export function largestDeviations(slots: number): number {
  return Math.log(1e9 * slots) / Math.SQRT2;
}

function encryption({ ringDimension }: NoisyLibrary, scale: number): number {
  return (ringDimension * (errorVariance / 2 + roundingVariance)) / scale ** 2;
}

/** Rounding of both polynomials after a division, not divided by the squared scale. */
function rounding({ ringDimension }: NoisyLibrary): number {
  return ((roundingVariance * ringDimension) / 2) * (1 + secretNorm(ringDimension));
}

/** Expected squared magnitude of the secret at a root of unity. */
function secretNorm(ringDimension: number): number {
  return (2 * ringDimension) / 3;
}

/** What a key switch adds in a slot, not divided by the squared scale. `distance`: of the slot's root from 1. */
function keySwitch(library: NoisyLibrary, distance: number): number {
  const { ringDimension, digitOverSpecials, uncorrectedPrimes } = library;
  const keyErrors = (((ringDimension * errorVariance) / 12) * digitOverSpecials ** 2 * ringDimension) / 2;
  if (uncorrectedPrimes === 0) {
    return keyErrors + rounding(library);
  }
  // A mean of half the primes in every coefficient is a geometric series at the slot's root: 2 / (1 - zeta) of them.
  const mean = uncorrectedPrimes / distance;
  return uncorrectedPrimes * rounding(library) + (mean ** 2 / 2) * (1 + secretNorm(ringDimension));
}

/** |1 - zeta| for the root zeta = exp(i pi 5^j / N) of each slot j. */
function distancesFromOne(ringDimension: number): Float64Array {
  let exponent = 1;
  return Float64Array.from({ length: ringDimension / 2 }, () => {
    const distance = 2 * Math.sin((Math.PI * exponent) / (2 * ringDimension));
    exponent = (exponent * 5) % (2 * ringDimension);
    return distance;
  });
}
