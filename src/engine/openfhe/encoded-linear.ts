import type { LinearStep } from '../../circuit/circuit.js';
import { assignOffsets, hopOf, reduceStep, splitRotations } from '../../circuit/rotation-split.js';
import { FheError } from '../../errors.js';
import type { EncodedLinear } from '../engine.js';
import type { LinearHandle, NativeLinearStep, OpenFheAddon } from './binding.js';

/**
 * A linear step handed to the addon. Its diagonals stay real numbers there and are encoded a giant step at a time while
 * the step runs: encoded ones of a whole step would take gigabytes.
 */
export class OpenFheLinear implements EncodedLinear {
  readonly name: string;
  readonly level: number;
  readonly bytes: number;
  /** Nonzero rotations that the step needs keys for. */
  readonly rotations: readonly number[];
  /** For every native source, which of the step's terms has it. */
  readonly termOfSource: readonly number[];
  readonly #addon: OpenFheAddon;
  readonly #handle: LinearHandle;
  #disposed = false;

  constructor(addon: OpenFheAddon, step: LinearStep, slots: number) {
    if (step.conjugate) {
      throw new FheError('ERR_PROFILE', `${step.name}: the openfhe engine packs images into the real part only`);
    }
    const names = step.terms.map((term) => term.source);
    const sources = [...new Set(names)];
    const native = toNative(step, sources, slots);
    this.#addon = addon;
    this.#handle = addon.makeLinear(native);
    this.name = step.name;
    this.level = step.level;
    this.bytes = (native.diagonals.length + native.bias.length) * Float64Array.BYTES_PER_ELEMENT;
    this.termOfSource = sources.map((source) => names.indexOf(source));
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

/** Repeats every diagonal up to the largest period among the terms, which is the native step's only one. */
function toNative(step: LinearStep, sources: readonly string[], slots: number): NativeLinearStep {
  const { split, terms } = step;
  const period = Math.max(...terms.map((term) => term.map.period));
  const diagonals = new Float64Array(period * terms.reduce((sum, term) => sum + term.map.diagonals.size, 0));
  const entries: number[] = [];
  const perGiant = new Int32Array(split.giantSteps.length);
  let diagonal = 0;
  for (const { source, map } of terms) {
    const pairs = assignOffsets(split, map.diagonals.keys(), slots);
    for (const [offset, values] of map.diagonals) {
      const { baby, giant } = pairs.get(offset)!;
      for (let start = 0; start < period; start += map.period) {
        diagonals.set(values, diagonal * period + start);
      }
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
    bias: step.bias,
    entries: Int32Array.from(entries),
  };
}
