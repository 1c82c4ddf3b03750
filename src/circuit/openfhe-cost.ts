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
const bootstrapTableBytes = 7e9;
/** Ciphertexts that a linear step holds at once: its baby steps and sums. */
const liveCiphertexts = 40;

/** Adds up measured operations of OpenFHE. */
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

  /** Two polynomials of 64-bit residues for each digit; key files hold the rows and digits of their level alone. */
  keyBytes(level: number): number {
    const { ringDimension, largeDigits, firstModulusBits, scalingModulusBits } = this.#parameters;
    const digitLimbs = Math.ceil((this.#depth() + 1) / largeDigits);
    const specials = Math.ceil((firstModulusBits + (digitLimbs - 1) * scalingModulusBits) / specialPrimeBits);
    const digits = Math.ceil((level + 1) / digitLimbs);
    return digits * 2 * (level + 1 + specials) * ringDimension * 8;
  }

  /**
   * One key per baby and giant step of each factor of the two transforms: a factor that merges r layers of the
   * transform has 2^(r + 1) - 1 diagonals. Each factor takes a level: coefficients-to-slots from the top downwards,
   * slots-to-coefficients down to the level that the circuit goes on with.
   */
  bootstrapKeyBytes(): number {
    const { bootstrap, slots, levels } = this.#parameters;
    if (bootstrap === undefined) {
      return 0;
    }
    const [coefficientsToSlots, slotsToCoefficients] = bootstrap.levelBudget;
    const factors = (count: number, top: number): number => {
      const steps = 2 * Math.sqrt(2 ** (Math.ceil(Math.log2(slots) / count) + 1));
      return Array.from({ length: count }, (_, index) => steps * this.keyBytes(top - index)).reduce((a, b) => a + b, 0);
    };
    return factors(coefficientsToSlots, this.#depth()) + factors(slotsToCoefficients, levels + slotsToCoefficients);
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
