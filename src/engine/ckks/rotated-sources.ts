import type { LinearOutput, LinearStep, LinearTerm } from '../../circuit/circuit.js';
import type { Register } from '../../circuit/register.js';
import { FheError } from '../../errors.js';
import type { Ciphertext } from '../engine.js';

/**
 * The sources of a linear step with several outputs, rotated by its baby steps. Each rotation is made once, when an output
 * first reads it, and serves all outputs; the terms of an output then read rotated sources and rotate nothing.
 */
export class RotatedSources {
  /** The step as its outputs are computed: without rotations. */
  readonly step: LinearStep;
  readonly #original: LinearStep;
  readonly #sources: ReadonlyMap<Register, Ciphertext>;
  readonly #rotate: (input: Ciphertext, rotation: number) => Promise<Ciphertext>;
  readonly #made = new Map<Register, Ciphertext>();

  /** Throws ERR_PROFILE for a split with giant steps. */
  constructor(
    step: LinearStep,
    sources: ReadonlyMap<Register, Ciphertext>,
    rotate: (input: Ciphertext, rotation: number) => Promise<Ciphertext>,
  ) {
    if (step.split.giantSteps.length !== 1 || step.split.imaginaryShift !== undefined) {
      throw new FheError('ERR_PROFILE', `${step.name}: a step with several outputs can't have giant steps`);
    }
    this.#original = step;
    this.step = { ...step, split: { babySteps: [0], giantSteps: [0], giantParents: [-1] } };
    this.#sources = sources;
    this.#rotate = rotate;
  }

  /** An output's terms, one for each rotation of each source that it reads, and the ciphertexts that they read. */
  async termsOf(output: LinearOutput): Promise<{ terms: LinearTerm[]; inputs: ReadonlyMap<Register, Ciphertext> }> {
    const terms: LinearTerm[] = [];
    const inputs = new Map<Register, Ciphertext>();
    for (const { source, diagonals } of output.terms) {
      const { period } = diagonals;
      for (const [offset, diagonal] of diagonals.values()) {
        const name = offset === 0 ? source : `${source} rotated by ${offset}`;
        inputs.set(name, await this.#rotated(source, offset, name));
        terms.push({ source: name, diagonals: { period, offsets: [0], values: () => new Map([[0, diagonal]]) } });
      }
    }
    return { terms, inputs };
  }

  dispose(): void {
    for (const ciphertext of this.#made.values()) {
      ciphertext.dispose();
    }
  }

  async #rotated(source: Register, offset: number, name: string): Promise<Ciphertext> {
    const input = this.#sources.get(source);
    if (input === undefined) {
      throw new RangeError(`${this.#original.name} reads ${source}, which it was not given`);
    }
    if (offset === 0) {
      return input;
    }
    const rotated = this.#made.get(name) ?? (await this.#rotate(input, offset));
    this.#made.set(name, rotated);
    return rotated;
  }
}
