export type EngineName = 'simulator' | 'openfhe' | 'ckks';

export type SecretDistribution = 'uniform-ternary' | 'hamming-192';

/**
 * `checked`: the engine's library opens the parameters only if they have 128 bits of security by its own table.
 * `unchecked`: it is told not to look, and they may protect nothing.
 */
export type SecurityCheck = 'checked' | 'unchecked';

interface CommonParameters {
  readonly ringDimension: number;
  readonly secret: SecretDistribution;
  readonly security: SecurityCheck;
}

/**
 * Parameters of the project's own engine. Primes are the largest of their size that are 1 modulo twice the ring dimension,
 * in descending order, special primes first.
 */
export interface CkksParameters extends CommonParameters {
  readonly engine: 'ckks';
  /** Bits of each prime of the ciphertext modulus; level l has the first l + 1 of them. */
  readonly moduliBits: readonly number[];
  readonly specialPrimeBits: number;
  /**
   * specialPrimes[l]: how many special primes a key switch at level l uses. A digit may be wider than their product: the
   * excess is noise at the scale of a square, which has room for about 20 bits of it.
   */
  readonly specialPrimes: readonly number[];
  /**
   * digits[l]: into how many digits a key switch at level l decomposes its input. The primes are divided into digits once,
   * so that a key serves every level below its own: 1 at level 0, and a level that has one digit more than the level below
   * begins it with its own prime.
   */
  readonly digits: readonly number[];
  /** log2 of the scale of an activation's input. */
  readonly activationScaleBits: number;
  readonly inputScaleBits: number;
  readonly outputScaleBits: number;
  /**
   * How closely polynomials follow activations that are no squares: -log2 of the error over the activation's range, of
   * values of size 1. Undefined: there are no such activations.
   */
  readonly polynomialPrecisionBits?: number | undefined;
  /** Ring that the result is switched to, and the bits of the one special prime of that key. */
  readonly result: { readonly ringDimension: number; readonly specialPrimeBits: number };
}

/** Parameters handed to OpenFHE. */
export interface OpenFheParameters extends CommonParameters {
  readonly engine: 'openfhe';
  readonly slots: number;
  readonly firstModulusBits: number;
  readonly scalingModulusBits: number;
  readonly largeDigits: number;
  /** log2 of the largest modulus under which OpenFHE makes a key, special primes included. */
  readonly logQP: number;
  readonly securityLevel: 'HEStd_128_classic' | 'HEStd_NotSet';
  readonly scalingTechnique: 'FLEXIBLEAUTO' | 'FIXEDAUTO';
  /** Multiplicative depth left after a bootstrap (bootstrapped sets) or in all (leveled ones). */
  readonly levels: number;
  readonly bootstrap?:
    | {
        readonly levelBudget: readonly [number, number];
        readonly reluDegree: number;
        /** -log2 of the standard deviation that a bootstrap adds to values of size 1, for predictions; measured. */
        readonly precisionBits?: number | undefined;
      }
    | undefined;
}

/** What keys are made for and circuits are planned for: a ring, its moduli, and the engine that they are for. */
export type Parameters = CkksParameters | OpenFheParameters;

/** Levels of a fresh ciphertext at most. */
export function maximumLevelOf(parameters: CkksParameters): number {
  return parameters.moduliBits.length - 1;
}
