import type { OpenFheParameters } from '../profile/profile.js';
import type { LevelRate, OpenFheRates } from '../profile/rates.js';
import type { CostModel, LinearWork } from './cost-model.js';
import { type TransformFactor, transformFactors } from './openfhe-bootstrap.js';

/** Bits of the library's special primes. */
const specialPrimeBits = 60;
/** Levels that a bootstrap takes beside its two transforms, by the library's own count since release 1.4. */
const bootstrapOverhead = 10;
/** Keys of the second transform reach so many levels above its first, for rescalings that the library puts off. */
const keyLevelMargin = 2;

/** A Node process with the program and a network loaded. */
const processBytes = 200e6;
/** The library's tables at the rates' ring dimension. */
const tableBytes = 0.6e9;
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

  /** Two polynomials of 64-bit residues for each digit; keys hold the rows and digits of their level alone. */
  keyBytes(level: number): number {
    const digits = Math.ceil((level + 1) / this.#digitLimbs());
    return digits * 2 * this.#extendedBytes(level);
  }

  /** A key for each rotation of the two transforms, made for the level at which the transform begins. */
  bootstrapKeyBytes(): number {
    return this.#transforms().reduce(
      (sum, { factors, level }) => sum + total(factors.map(({ rotations }) => rotations)) * this.keyBytes(level),
      0,
    );
  }

  /** The library's tables, with bootstraps their diagonals, then the rotated copies of a hoisted input and a few more. */
  residentBytes(level: number): number {
    const { ringDimension } = this.#parameters;
    const tables = tableBytes * (ringDimension / this.#rates.ringDimension);
    const diagonals = this.#transforms().reduce(
      (sum, { factors, level: top }) =>
        sum + total(factors.map((factor) => factor.diagonals)) * this.#extendedBytes(top),
      0,
    );
    return processBytes + tables + diagonals + liveCiphertexts * 2 * (level + 1) * ringDimension * 8;
  }

  /** Coefficients to slots, from the top; slots to coefficients, above the level that the circuit goes on with. */
  #transforms(): { readonly factors: readonly TransformFactor[]; readonly level: number }[] {
    const { bootstrap, slots, levels } = this.#parameters;
    if (bootstrap === undefined) {
      return [];
    }
    const [toSlots, toCoefficients] = bootstrap.levelBudget;
    return [
      { factors: transformFactors(slots, toSlots), level: this.#depth() },
      { factors: transformFactors(slots, toCoefficients), level: levels + toCoefficients + keyLevelMargin },
    ];
  }

  /** Of one polynomial at a level, special primes included. */
  #extendedBytes(level: number): number {
    const { ringDimension, firstModulusBits, scalingModulusBits } = this.#parameters;
    const digitBits = firstModulusBits + (this.#digitLimbs() - 1) * scalingModulusBits;
    return (level + 1 + Math.ceil(digitBits / specialPrimeBits)) * ringDimension * 8;
  }

  #digitLimbs(): number {
    return Math.ceil((this.#depth() + 1) / this.#parameters.largeDigits);
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

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
