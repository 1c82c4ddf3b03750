import type { OpenFheParameters } from '../../scheme/parameters.js';
import type { CostModel, KeySizes, LinearWork } from '../cost-model.js';
import type { OpenFheRates } from '../rates.js';
import { chebyshevProducts, evalMod } from './bootstrap.js';
import { type BootstrapTransform, OpenFheSizes } from './sizes.js';

/** A Node process with the program and a network loaded. */
const processBytes = 200e6;
/** The library's tables at the rates' ring dimension. */
const tableBytes = 0.6e9;
/** Ciphertexts that a linear step holds at once: its baby steps and sums. */
const liveCiphertexts = 40;
/** Elementwise passes over both polynomials of a ciphertext: tensor product; product with a number, copied and added. */
const tensorPasses = 3;
const scalarPasses = 5;

/** Counts transforms, base conversions, multiply-adds and passes through memory of OpenFHE and the addon. */
export class OpenFheCost implements CostModel {
  readonly keyPriceSecondsPerByte = 6e-9;
  readonly #parameters: OpenFheParameters;
  readonly #rates: OpenFheRates;
  readonly #sizes: OpenFheSizes;
  /** Seconds of one transform, and of an elementwise operation on one limb, at the profile's ring dimension. */
  readonly #ntt: number;
  readonly #pass: number;

  constructor(parameters: OpenFheParameters, rates: OpenFheRates) {
    this.#parameters = parameters;
    this.#rates = rates;
    this.#sizes = new OpenFheSizes(parameters);
    const { ringDimension } = parameters;
    const growth = Math.log2(ringDimension) / Math.log2(rates.ringDimension);
    this.#ntt = rates.nttSecondsPerLimb * (ringDimension / rates.ringDimension) * growth;
    this.#pass = rates.passSecondsPerElement * ringDimension;
  }

  linearSeconds(work: LinearWork): number {
    const { level, sources, babies, products, hops, folds, period, outputs } = work;
    const { own, extended } = this.#sizes.limbs(level);
    const hoisted = babies > 0 ? sources * this.#up(level) + babies * this.#inner(level) : 0;
    // The unrotated input is lifted to the extended basis.
    const lifted = Math.max(1, sources) * 2 * (own + extended) * this.#pass;
    const encoding = products * extended * 2 * period * this.#rates.encodingSecondsPerElement;
    const sums = (hops + outputs) * 2 * extended * this.#pass;
    return (
      this.#rescale(level + 1) +
      hoisted +
      lifted +
      encoding +
      products * this.#product(level) +
      sums +
      hops * this.#hop(level) +
      outputs * 2 * this.#down(level) +
      folds * this.#rotation(level)
    );
  }

  /** With the rescale of its input, as OpenFHE puts rescales off. */
  squareSeconds(level: number, _componentwise: boolean): number {
    return this.#rescale(level + 1) + this.#ciphertextProduct(level);
  }

  /** Chebyshev by Paterson and Stockmeyer, on ciphertexts half-way down its levels. */
  polynomialSeconds(level: number, degree: number): number {
    const levels = Math.ceil(Math.log2(degree + 1)) + 1;
    return this.#chebyshev(level - levels / 2, degree);
  }

  bootstrapSeconds(): number {
    const [toSlots, toCoefficients] = this.#sizes.transforms;
    if (toSlots === undefined || toCoefficients === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const below = toSlots.level - toSlots.factors.length;
    const middle = (below + toCoefficients.level) / 2;
    // Unused slots are summed over first, and the real part is taken after the first transform.
    return (
      this.#sizes.copyRotations * this.#rotation(toSlots.level) +
      this.#transform(toSlots) +
      this.#rotation(below) +
      this.#chebyshev(middle, evalMod.degree) +
      evalMod.doubleAngles * (this.#ciphertextProduct(middle) + this.#rescale(middle)) +
      this.#transform(toCoefficients)
    );
  }

  keyLoadingSeconds(fileBytes: number): number {
    return fileBytes * this.#rates.keyLoadingSecondsPerByte;
  }

  get keysOnDisk(): KeySizes {
    return this.#sizes.keysOnDisk;
  }

  get keysInMemory(): KeySizes {
    return this.#sizes.keysInMemory;
  }

  publicKeyBytes(level: number): number {
    return this.#sizes.publicKeyBytes(level);
  }

  /** Encoded one after another. */
  weightBytes(): number {
    return 0;
  }

  /** The library's tables, with bootstraps their diagonals, then the rotated copies of a hoisted input and a few more. */
  residentBytes(level: number): number {
    const { ringDimension } = this.#parameters;
    const tables = tableBytes * (ringDimension / this.#rates.ringDimension);
    const ciphertexts = liveCiphertexts * 2 * (level + 1) * ringDimension * 8;
    return processBytes + tables + this.#sizes.bootstrapTableBytes + ciphertexts;
  }

  /** Products of ciphertexts, the rescales after them and those that bring operands to one level, products with numbers. */
  #chebyshev(level: number, degree: number): number {
    const { products, adjusted } = chebyshevProducts(degree);
    const scalar = scalarPasses * 2 * this.#sizes.limbs(level).own * this.#pass;
    return (
      products * this.#ciphertextProduct(level) +
      (products + adjusted) * this.#rescale(level) +
      (degree + adjusted) * scalar
    );
  }

  #transform({ factors, level }: BootstrapTransform): number {
    return factors.reduce((sum, { diagonals, babies, hops }, index) => {
      const at = level - index;
      return (
        sum +
        this.#up(at) +
        babies * this.#inner(at) +
        diagonals * this.#libraryProduct(at) +
        hops * this.#hop(at) +
        2 * this.#down(at) +
        this.#rescale(at)
      );
    }, 0);
  }

  /** Product of two ciphertexts, relinearised. */
  #ciphertextProduct(level: number): number {
    const tensor = tensorPasses * 2 * this.#sizes.limbs(level).own * this.#pass;
    return tensor + this.#up(level) + this.#inner(level) + 2 * this.#down(level);
  }

  #rotation(level: number): number {
    return this.#ciphertextProduct(level);
  }

  /** A sum in the extended basis: one of its polynomials is switched, and three are added to another sum. */
  #hop(level: number): number {
    const { extended } = this.#sizes.limbs(level);
    return this.#down(level) + this.#up(level) + this.#inner(level) + extended * this.#pass;
  }

  /** Decomposition into digits, each lifted to the extended basis. */
  #up(level: number): number {
    const { own, extended, digits } = this.#sizes.limbs(level);
    const { ringDimension } = this.#parameters;
    const conversion = ringDimension * this.#rates.baseConversionSecondsPerElement;
    return digits.reduce((sum, limbs) => sum + (extended - limbs) * (this.#ntt + limbs * conversion), own * this.#ntt);
  }

  /** Inner product of the digits with a key, and the automorphism. */
  #inner(level: number): number {
    const { extended, digits } = this.#sizes.limbs(level);
    return digits.length * this.#product(level) + 2 * extended * this.#pass;
  }

  /** Both polynomials times a plaintext, or a digit times both polynomials of a key, added up. */
  #product(level: number): number {
    const { extended } = this.#sizes.limbs(level);
    return 2 * extended * this.#parameters.ringDimension * this.#rates.multiplyAddSecondsPerElement;
  }

  /** The same by the library: a product is written and then added to the sum. */
  #libraryProduct(level: number): number {
    return 2 * 2 * this.#sizes.limbs(level).extended * this.#pass;
  }

  /** Division of one polynomial by the special primes. */
  #down(level: number): number {
    const { own, extended } = this.#sizes.limbs(level);
    const conversion = this.#parameters.ringDimension * this.#rates.baseConversionSecondsPerElement;
    return extended * this.#ntt + (extended - own) * own * conversion + own * this.#pass;
  }

  /** Of both polynomials of a ciphertext at a level. */
  #rescale(level: number): number {
    const { own } = this.#sizes.limbs(level);
    return 2 * own * (this.#ntt + this.#pass);
  }
}
