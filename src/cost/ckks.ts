import type { CkksParameters } from '../scheme/parameters.js';
import { digitLimbs, keyModulusBits, modulusBits } from '../scheme/sizes.js';
import type { CostModel, KeySizes, LinearWork } from './cost-model.js';
import type { CkksRates } from './rates.js';

/** A Node process with the program and a network loaded. */
const processBytes = 150e6;
/** Copies of a step's weights that are in memory at once; measured. */
const weightCopies = 4;
/** Pairs of polynomials in the extended basis that a linear step holds at once. */
const livePairs = 6;

/** The three parts of a hybrid key switch at one level, in seconds of one thread. */
interface KeySwitch {
  /** Decomposition into digits, each lifted to the extended basis. */
  readonly up: number;
  /** Inner product with a key, reading it, expansion of its uniform half and the automorphism included. */
  readonly inner: number;
  /** Division of both polynomials by the special primes. */
  readonly down: number;
}

/** Counts transforms, base conversions, multiply-adds and passes through memory of the project's own engine. */
export class CkksCost implements CostModel {
  readonly keyPriceSecondsPerByte = 2e-9;
  readonly #parameters: CkksParameters;
  readonly #rates: CkksRates;
  /** Seconds of one transform at the profile's ring dimension. */
  readonly #ntt: number;
  /** Seconds of one elementwise operation on a limb. */
  readonly #pass: number;

  constructor(parameters: CkksParameters, rates: CkksRates) {
    this.#parameters = parameters;
    this.#rates = rates;
    const { ringDimension } = parameters;
    const growth = Math.log2(ringDimension) / Math.log2(rates.ringDimension);
    this.#ntt = rates.nttSecondsPerLimb * (ringDimension / rates.ringDimension) * growth;
    this.#pass = rates.passSecondsPerElement * ringDimension;
  }

  linearSeconds(work: LinearWork): number {
    const { ringDimension } = this.#parameters;
    const rates = this.#rates;
    const { up, inner, down } = this.#keySwitch(work.level);
    const extended = this.#extendedLimbs(work.level);
    const product = work.periodic ? rates.periodicProductSecondsPerElement : rates.denseProductSecondsPerElement;
    const weights = work.periodic ? 2 * work.period * rates.weightSecondsPerElement : this.#ntt;
    const conjugations = work.conjugate || work.packedSources > 0 ? 1 : 0;
    const rotations = work.hops + work.folds + work.outputs * conjugations;
    // A rotation of a sum in the extended basis divides only the polynomial that is switched, and adds three
    // polynomials to the sum that it goes to.
    const hop = up + inner + down / 2 + 3 * extended * this.#pass;
    const packing = work.packedSources * (up + inner + down);
    const hoisted = work.babies > 0 ? work.sources * up + work.babies * inner : 0;
    const products = work.products * extended * (2 * ringDimension * product + weights);
    // Each partial sum is written once.
    const sums = 2 * (work.hops + work.outputs) * extended * this.#pass;
    const rescale = work.outputs * (work.conjugate ? 2 : 1) * (down + 2 * this.#ntt);
    const encoding = work.products * work.period * rates.encodingSecondsPerElement;
    const rows = packing + hoisted + products + sums + rotations * hop + rescale;
    return this.#parallel(rows, extended) + encoding / rates.parallelSpeedup;
  }

  squareSeconds(level: number, componentwise: boolean): number {
    const { up, inner, down } = this.#keySwitch(level);
    // Four products, out of memory and into it.
    const tensor = 4 * (level + 1) * this.#pass;
    return this.#parallel(up + inner + down + tensor * (componentwise ? 2 : 1), this.#extendedLimbs(level));
  }

  /** Paterson-Stockmeyer: about two square roots of the degree many products. */
  polynomialSeconds(level: number, degree: number): number {
    return 2 * Math.sqrt(degree) * this.squareSeconds(level, false);
  }

  bootstrapSeconds(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Steps read the rows that they need. */
  keyLoadingSeconds(): number {
    return 0;
  }

  /** One polynomial of each digit, its residues packed to their bits; the other polynomial is a seed. */
  get keysOnDisk(): KeySizes {
    const { ringDimension, digits } = this.#parameters;
    return {
      key: (level) => (digits[level]! * keyModulusBits(this.#parameters, level) * ringDimension) / 8,
      bootstrapKeys: () => Number.POSITIVE_INFINITY,
    };
  }

  /** Rows are read where they are used: the system keeps the files of a stage's keys in memory. */
  get keysInMemory(): KeySizes {
    return this.keysOnDisk;
  }

  publicKeyBytes(level: number): number {
    return (modulusBits(this.#parameters, level) * this.#parameters.ringDimension) / 8;
  }

  /** Diagonals as they are made, as they are handed over, and encoded as integers. */
  weightBytes({ products, period }: LinearWork): number {
    return weightCopies * products * 2 * period * 8;
  }

  /** Node with the network, and a handful of pairs of polynomials: input, shortcut, digits, sums of a giant tree. */
  residentBytes(level: number): number {
    const pair = 2 * this.#extendedLimbs(level) * this.#parameters.ringDimension * 8;
    return processBytes + livePairs * pair;
  }

  #extendedLimbs(level: number): number {
    return level + 1 + this.#parameters.specialPrimes[level]!;
  }

  #keySwitch(level: number): KeySwitch {
    const { ringDimension } = this.#parameters;
    const rates = this.#rates;
    const limbs = level + 1;
    const specials = this.#parameters.specialPrimes[level]!;
    const extended = limbs + specials;
    const digits = digitLimbs(this.#parameters, level);
    const lifted = digits.reduce((sum, own) => sum + extended - own, 0);
    const products = digits.reduce((sum, own) => sum + own * (extended - own), 0);
    const conversion = rates.baseConversionSecondsPerElement * ringDimension;
    const residues = digits.length * extended * ringDimension;
    return {
      up: (limbs + lifted) * this.#ntt + products * conversion + 2 * limbs * this.#pass,
      inner: 2 * residues * rates.innerProductSecondsPerElement + 8 * residues * rates.keyExpansionSecondsPerByte,
      down: 2 * (extended * this.#ntt + specials * limbs * conversion + limbs * this.#pass),
    };
  }

  /** Threads take whole rows: with few of them, the last round leaves threads idle. */
  #parallel(seconds: number, rows: number): number {
    const { threads, parallelSpeedup } = this.#rates;
    const rounds = Math.ceil(rows / threads);
    return (seconds / parallelSpeedup) * ((rounds * threads) / rows);
  }
}
