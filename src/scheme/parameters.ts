export type EngineName = 'simulator' | 'openfhe' | 'ckks';

export type SecretDistribution = 'uniform-ternary' | 'hamming-192';

/**
 * Parameters of the project's own engine. Level l has l + 1 primes: the first prime and l scaling primes.
 * Primes are the largest of their size that are 1 modulo twice the ring dimension, in descending order, special
 * primes first.
 */
export interface CkksParameters {
  readonly ringDimension: number;
  readonly firstPrimeBits: number;
  readonly scalingPrimeBits: number;
  readonly levels: number;
  readonly specialPrimeBits: number;
  /**
   * specialPrimes[l]: how many special primes a key switch at level l uses. A digit may be wider than their product: the
   * excess is noise at the scale of a square, which has room for about 20 bits of it.
   */
  readonly specialPrimes: readonly number[];
  /** digits[l]: into how many digits a key switch at level l decomposes its input. */
  readonly digits: readonly number[];
  /** log2 of the scale of an activation's input. */
  readonly activationScaleBits: number;
  readonly inputScaleBits: number;
  readonly outputScaleBits: number;
  /** Ring that the result is switched to, and the bits of the one special prime of that key. */
  readonly result: { readonly ringDimension: number; readonly specialPrimeBits: number };
}

/** Parameters handed to OpenFHE. */
export interface OpenFheParameters {
  readonly ringDimension: number;
  readonly slots: number;
  readonly firstModulusBits: number;
  readonly scalingModulusBits: number;
  readonly largeDigits: number;
  readonly securityLevel: 'HEStd_128_classic' | 'HEStd_NotSet';
  readonly secret: 'UNIFORM_TERNARY' | 'SPARSE_TERNARY';
  readonly scalingTechnique: 'FLEXIBLEAUTO' | 'FIXEDAUTO';
  /** Multiplicative depth left after a bootstrap (bootstrapped profiles) or in all (leveled ones). */
  readonly levels: number;
  readonly bootstrap?: { readonly levelBudget: readonly [number, number]; readonly reluDegree: number } | undefined;
}

/** A named, committed choice of everything: engine, parameters, network. Data, not code. */
export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly network: string;
  readonly secret: SecretDistribution;
  /** log2 of the largest modulus under which a key exists, special primes included. */
  readonly logQP: number;
  readonly engine: EngineName;
  readonly ckks?: CkksParameters | undefined;
  readonly openfhe?: OpenFheParameters | undefined;
  /** -log2 of the standard deviation that a bootstrap adds to values of size 1, for predictions; measured. */
  readonly bootstrapPrecisionBits?: number | undefined;
}
