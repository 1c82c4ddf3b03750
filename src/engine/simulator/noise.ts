import type { Profile } from '../../profile/profile.js';

/**
 * `none`; `predicted` from the profile's ring and scales, for rescaling and for the rounding of encoded weights; or the
 * standard deviation that each rescale adds to a slot.
 */
export type NoiseModel = 'none' | 'predicted' | number;

/**
 * Standard deviation that a rescale adds to the real part of a slot, and to the imaginary part, at scale 1.
 * Each coefficient of both polynomials is off by a uniform rounding error of variance 1/12, the second one's error is
 * multiplied by the secret, which has `weight` coefficients of size 1: variance (1 + weight) / 12 per coefficient.
 * A slot's real part collects half the ring dimension's worth of it. N = 2^16, uniform ternary: 2^13.4.
 */
export function rescaleDeviation(ringDimension: number, secret: Profile['secret']): number {
  const weight = secret === 'hamming-192' ? 192 : (2 * ringDimension) / 3;
  return Math.sqrt(((ringDimension / 2) * (1 + weight)) / 12);
}

/**
 * Standard deviation of a slot of an encoded diagonal at scale 1: 2 * period coefficients, each rounded with variance
 * 1/12. Fixed once encoded; to a circuit's result it is as good as noise.
 */
export function encodingDeviation(period: number): number {
  return Math.sqrt(period / 6);
}

/** Adds Gaussian noise to slot vectors, from a seed. */
export class NoiseSource {
  #state: number;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  addTo(values: Float64Array, deviation: number): void {
    if (deviation === 0) {
      return;
    }
    for (let slot = 0; slot < values.length; slot++) {
      values[slot]! += deviation * this.#normal();
    }
  }

  /** Box and Muller. */
  #normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.#uniform()));
    const angle = 2 * Math.PI * this.#uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** mulberry32: fast, repeatable, and no more than that. */
  #uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
