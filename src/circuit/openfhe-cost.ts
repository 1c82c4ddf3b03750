import type { OpenFheParameters } from '../profile/profile.js';
import type { LevelRate, OpenFheRates } from '../profile/rates.js';
import type { CostModel, LinearWork } from './cost-model.js';

/** Bits of the library's special primes. */
const specialPrimeBits = 60;
/** Levels that a bootstrap takes beside its two transforms, by the library's own count since release 1.4. */
const bootstrapOverhead = 10;

/** A Node process with the program and a network loaded. */
const processBytes = 200e6;
/** The library's tables at the rates' ring dimension, without and with the precomputations of a bootstrap. */
const tableBytes = 0.6e9;
const bootstrapTableBytes = 5e9;
/** Ciphertexts that a linear step holds at once: its baby steps and sums. */
const liveCiphertexts = 40;

/** Adds up measured operations of OpenFHE, whose keys carry all levels whatever the level of their use. */
export class OpenFheCost implements CostModel {
  readonly #parameters: OpenFheParameters;
  readonly #rates: OpenFheRates;

  constructor(parameters: OpenFheParameters, rates: OpenFheRates) {
    this.#parameters = parameters;
    this.#rates = rates;
  }

  get keyPriceSecondsPerByte(): number {
    return this.#rates.keyPriceSecondsPerByte;
  }

  linearSeconds(work: LinearWork): number {
    const { rotation, hoistedRotation, encoding, plaintextProduct } = this.#rates;
    const rotations = work.hops + work.folds + (work.conjugate ? 1 : 0);
    return (
      work.babies * this.#at(hoistedRotation, work.level) +
      rotations * this.#at(rotation, work.level) +
      work.products * (this.#at(encoding, work.level) + this.#at(plaintextProduct, work.level))
    );
  }

  squareSeconds(level: number, _componentwise: boolean): number {
    return this.#at(this.#rates.square, level);
  }

  /** Paterson-Stockmeyer: about two square roots of the degree many products. */
  polynomialSeconds(level: number, degree: number): number {
    return 2 * Math.sqrt(degree) * this.squareSeconds(level, false);
  }

  bootstrapSeconds(): number {
    return this.#rates.bootstrapSeconds * (this.#parameters.ringDimension / this.#rates.ringDimension);
  }

  /** Two polynomials of 64-bit residues for each digit. */
  keyBytes(_level: number): number {
    const { ringDimension, largeDigits, firstModulusBits, scalingModulusBits } = this.#parameters;
    const limbs = this.#depth() + 1;
    const digitLimbs = Math.ceil(limbs / largeDigits);
    const specials = Math.ceil((firstModulusBits + (digitLimbs - 1) * scalingModulusBits) / specialPrimeBits);
    return largeDigits * 2 * (limbs + specials) * ringDimension * 8;
  }

  /**
   * One key per baby and giant step of each factor of the two transforms: a factor that merges r layers of the
   * transform has 2^(r + 1) - 1 diagonals.
   */
  bootstrapKeyBytes(): number {
    const { bootstrap, slots } = this.#parameters;
    const rotations = (bootstrap?.levelBudget ?? []).reduce((sum, factors) => {
      const layers = Math.ceil(Math.log2(slots) / factors);
      return sum + factors * 2 * Math.sqrt(2 ** (layers + 1));
    }, 0);
    return rotations * this.keyBytes(this.#depth());
  }

  /** The library's tables and precomputations, then the rotated copies of a hoisted input and a few more. */
  residentBytes(level: number): number {
    const { ringDimension, bootstrap } = this.#parameters;
    const ciphertext = 2 * (level + 1) * ringDimension * 8;
    const scale = ringDimension / this.#rates.ringDimension;
    return (
      processBytes + scale * (bootstrap === undefined ? tableBytes : bootstrapTableBytes) + liveCiphertexts * ciphertext
    );
  }

  #depth(): number {
    const { levels, bootstrap } = this.#parameters;
    return bootstrap === undefined
      ? levels
      : levels + bootstrap.levelBudget[0] + bootstrap.levelBudget[1] + bootstrapOverhead;
  }

  #at(rate: LevelRate, level: number): number {
    const growth = this.#parameters.ringDimension / this.#rates.ringDimension;
    return growth * rate.seconds * ((level + 1) / (this.#rates.levels + 1)) ** rate.exponent;
  }
}
