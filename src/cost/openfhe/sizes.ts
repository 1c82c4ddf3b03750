import type { OpenFheParameters } from '../../scheme/parameters.js';
import type { KeySizes } from '../cost-model.js';
import { type TransformFactor, transformFactors } from './bootstrap.js';

/** Bits of the library's special primes. */
const specialPrimeBits = 60;
/** Levels that a bootstrap takes beside its two transforms, by the library's own count since release 1.4. */
const bootstrapOverhead = 10;
/** Keys of the second transform reach so many levels above its first, for rescalings that the library puts off. */
const keyLevelMargin = 2;

/** Residues in memory. */
const wordBytes = 8;

/** One of a bootstrap's two transforms. */
export interface BootstrapTransform {
  readonly factors: readonly TransformFactor[];
  /** Level at which the transform begins, a level for each factor. */
  readonly level: number;
  /** Highest level for which its keys are made. */
  readonly keyLevel: number;
}

/** Limbs of hybrid key switching at a level. */
export interface Limbs {
  /** Of the ciphertext. */
  readonly own: number;
  /** With the special primes. */
  readonly extended: number;
  /** Limbs of each digit. */
  readonly digits: readonly number[];
}

/** Counts limbs and bytes of OpenFHE's parameters. */
export class OpenFheSizes {
  /** Levels of the whole modulus, those that a bootstrap takes included. */
  readonly depth: number;
  readonly #parameters: OpenFheParameters;
  readonly #digitLimbs: number;
  readonly #specialPrimes: number;

  constructor(parameters: OpenFheParameters) {
    const { levels, bootstrap, largeDigits, firstModulusBits, scalingModulusBits } = parameters;
    this.#parameters = parameters;
    this.depth =
      bootstrap === undefined
        ? levels
        : levels + bootstrap.levelBudget[0] + bootstrap.levelBudget[1] + bootstrapOverhead;
    this.#digitLimbs = Math.ceil((this.depth + 1) / largeDigits);
    const digitBits = firstModulusBits + (this.#digitLimbs - 1) * scalingModulusBits;
    this.#specialPrimes = Math.ceil(digitBits / specialPrimeBits);
  }

  limbs(level: number): Limbs {
    const own = level + 1;
    const digits = Array.from({ length: Math.ceil(own / this.#digitLimbs) }, (_, index) =>
      Math.min(this.#digitLimbs, own - index * this.#digitLimbs),
    );
    return { own, extended: own + this.#specialPrimes, digits };
  }

  /** Rotations that sum up the copies of the slots, where the ring has more of them. */
  get copyRotations(): number {
    return Math.log2(this.#parameters.ringDimension / 2 / this.#parameters.slots);
  }

  /** Coefficients to slots, from the top; slots to coefficients, above the level that the circuit goes on with. */
  get transforms(): readonly BootstrapTransform[] {
    const { bootstrap, slots, levels } = this.#parameters;
    if (bootstrap === undefined) {
      return [];
    }
    const [toSlots, toCoefficients] = bootstrap.levelBudget;
    const last = levels + toCoefficients;
    return [
      { factors: transformFactors(slots, toSlots), level: this.depth, keyLevel: this.depth },
      { factors: transformFactors(slots, toCoefficients), level: last, keyLevel: last + keyLevelMargin },
    ];
  }

  /** Two polynomials for each digit; files hold the residues in whole bytes, and like memory only the key's level. */
  get keysOnDisk(): KeySizes {
    return this.#keySizes((level) => this.#fileBytes(level) + this.#specialPrimes * bytesOf(specialPrimeBits));
  }

  get keysInMemory(): KeySizes {
    return this.#keySizes((level) => this.limbs(level).extended * wordBytes);
  }

  publicKeyBytes(level: number): number {
    return 2 * this.#parameters.ringDimension * this.#fileBytes(level);
  }

  /** Of the plaintexts that the library keeps for its bootstraps. */
  get bootstrapTableBytes(): number {
    return this.transforms.reduce(
      (sum, { factors, keyLevel }) =>
        sum +
        total(factors.map(({ diagonals }) => diagonals)) *
          this.limbs(keyLevel).extended *
          this.#parameters.ringDimension *
          wordBytes,
      0,
    );
  }

  /** `bytesPerCoefficient`: of one polynomial of a key. */
  #keySizes(bytesPerCoefficient: (level: number) => number): KeySizes {
    const key = (level: number): number =>
      2 * this.limbs(level).digits.length * this.#parameters.ringDimension * bytesPerCoefficient(level);
    // A key for each rotation of the two transforms; at the top relinearisation, conjugation and the sums over copies.
    const bootstrapKeys = (): number =>
      this.transforms.reduce(
        (sum, { factors, keyLevel }) => sum + total(factors.map(({ babies, hops }) => babies + hops)) * key(keyLevel),
        (2 + this.copyRotations) * key(this.depth),
      );
    return { key, bootstrapKeys };
  }

  #fileBytes(level: number): number {
    const { firstModulusBits, scalingModulusBits } = this.#parameters;
    return bytesOf(firstModulusBits) + level * bytesOf(scalingModulusBits);
  }
}

function bytesOf(bits: number): number {
  return Math.ceil(bits / 8);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
