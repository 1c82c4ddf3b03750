import type { LinearOutput, LinearStep } from '../../circuit/circuit.js';
import type { Register } from '../../circuit/register.js';
import { assignOffsets, hopOf, reduceStep, splitRotations } from '../../circuit/rotation-split.js';
import { FheError } from '../../errors.js';
import type { LinearHandle, NativeLinearStep, OpenFheAddon } from './binding.js';

/**
 * One output of a linear step, handed to the addon. Its diagonals stay real numbers there and are encoded a giant step at
 * a time while the step runs: encoded ones of a whole step would take gigabytes.
 */
export class OpenFheLinear {
  readonly name: string;
  readonly level: number;
  /** Nonzero rotations that the step needs keys for. */
  readonly rotations: readonly number[];
  /** The native step's sources. */
  readonly sources: readonly Register[];
  readonly #addon: OpenFheAddon;
  readonly #handle: LinearHandle;
  #disposed = false;

  constructor(addon: OpenFheAddon, step: LinearStep, output: LinearOutput) {
    const { slots } = step;
    if (step.conjugate) {
      throw new FheError('ERR_PROFILE', `${step.name}: the openfhe engine packs images into the real part only`);
    }
    this.sources = [...new Set(output.terms.map(({ source }) => source))];
    this.#addon = addon;
    this.#handle = addon.makeLinear(toNative(step, output, this.sources));
    this.name = step.name;
    this.level = step.level;
    const folds = step.folds.map((fold) => reduceStep(fold, slots)).filter((fold) => fold !== 0);
    this.rotations = [...new Set([...splitRotations(step.split, slots), ...folds])];
  }

  /** Throws ERR_DISPOSED after dispose. */
  get handle(): LinearHandle {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', `${this.name}: the encoded linear step is disposed`);
    }
    return this.#handle;
  }

  dispose(): void {
    this.#disposed = true;
    this.#addon.dispose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The native kernel adds up products of one giant step in 128 bits, which hold so many of the largest primes'. */
const maximumEntriesPerGiantStep = 255;

function toNative(step: LinearStep, { terms, bias }: LinearOutput, sources: readonly Register[]): NativeLinearStep {
  const { split, slots } = step;
  const period = bias.length;
  const count = terms.reduce((sum, term) => sum + term.diagonals.offsets.length, 0);
  const diagonals = new Float64Array(period * count);
  const entries: number[] = [];
  const perGiant = new Int32Array(split.giantSteps.length);
  let diagonal = 0;
  for (const { source, diagonals: of } of terms) {
    const pairs = assignOffsets(split, of.offsets, slots);
    for (const [offset, values] of of.values()) {
      const { baby, giant } = pairs.get(offset)!;
      diagonals.set(values, diagonal * period);
      entries.push(sources.indexOf(source), baby, giant, diagonal);
      perGiant[giant]! += 1;
      diagonal += 1;
    }
  }
  if (perGiant.some((count) => count > maximumEntriesPerGiantStep)) {
    throw new FheError('ERR_PROFILE', `${step.name}: a giant step adds up over ${maximumEntriesPerGiantStep} products`);
  }
  return {
    level: step.level,
    sources: sources.length,
    period,
    diagonals,
    babySteps: Int32Array.from(split.babySteps, (baby) => reduceStep(baby, slots)),
    giantSteps: Int32Array.from(split.giantSteps),
    giantParents: Int32Array.from(split.giantParents),
    hops: Int32Array.from(split.giantSteps, (_, giant) => reduceStep(hopOf(split, giant), slots)),
    folds: Int32Array.from(step.folds, (fold) => reduceStep(fold, slots)),
    bias,
    entries: Int32Array.from(entries),
  };
}
