/**
 * `none`; `predicted`: from the ring and the scales, for rescaling and for the rounding of encoded weights, and from the
 * profile for bootstraps; or a stated precision: each bootstrap adds a standard deviation of 2^-precisionBits to a slot,
 * the rest as predicted, or, in a profile without bootstraps, each rescale does and nothing else adds any.
 */
export type NoiseModel = 'none' | 'predicted' | { readonly precisionBits: number };

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
