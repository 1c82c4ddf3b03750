import {
  type KeyRequirements,
  type LinearOutput,
  type LinearStep,
  type PolynomialStep,
  sourcesOf,
} from '../../circuit/circuit.js';
import type { Register } from '../../circuit/register.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import type { SlotValues } from '../../circuit/slot-values.js';
import { FheError } from '../../errors.js';
import type { Ciphertext, Evaluator, OperationOptions, StageKeys } from '../engine.js';
import type { CiphertextHandle, NativeCiphertext, NativeEngine, OpenFheAddon } from './binding.js';
import { OpenFheCiphertext } from './ciphertext.js';
import { OpenFheLinear } from './encoded-linear.js';
import { settled } from './load-addon.js';
import type { LoadedKeys } from './loaded-keys.js';

/**
 * Runs steps on OpenFHE ciphertexts. Levels count rescalings that are left, those that OpenFHE puts off as done; a square
 * takes one. Everything that OpenFHE could refuse inside an OpenMP region, where its exception would end the process, is
 * checked here first: levels, keys, and that a ciphertext is alive and of this key set.
 */
export class OpenFheEvaluator implements Evaluator {
  readonly #addon: OpenFheAddon;
  readonly #engine: NativeEngine;
  readonly #keys: LoadedKeys;
  readonly #slots: number;
  readonly #bootstrapLevel: number | undefined;
  #disposed = false;

  /** `bootstrapLevel`: level of a bootstrap's result; undefined for leveled profiles. */
  constructor(
    addon: OpenFheAddon,
    engine: NativeEngine,
    keys: LoadedKeys,
    slots: number,
    bootstrapLevel: number | undefined,
  ) {
    this.#addon = addon;
    this.#engine = engine;
    this.#keys = keys;
    this.#slots = slots;
    this.#bootstrapLevel = bootstrapLevel;
  }

  async enterStage(name: string, keys: KeyRequirements, next?: StageKeys): Promise<void> {
    this.#checkUsable();
    await this.#keys.enter(name, keys, next);
  }

  async readCiphertext(payload: Uint8Array): Promise<Ciphertext> {
    this.#checkUsable();
    const { keyTag, holder } = this.#keys;
    return this.#run('ciphertext', this.#addon.readCiphertext(this.#engine.handle, payload, keyTag, holder));
  }

  /** A result is brought to level 0, where it is one residue per coefficient. */
  async writeCiphertext(ciphertext: Ciphertext, options: { readonly result: boolean }): Promise<Uint8Array> {
    this.#checkUsable();
    const handle = this.#handleOf(ciphertext);
    const { handle: engine } = this.#engine;
    const { keyTag } = this.#keys;
    if (!options.result) {
      return settled('ciphertext', this.#addon.writeCiphertext(engine, handle, keyTag));
    }
    const dropped = await settled('ciphertext', this.#addon.dropToLevel(engine, handle, 0));
    try {
      return await settled('ciphertext', this.#addon.writeCiphertext(engine, dropped.handle, keyTag));
    } finally {
      this.#addon.dispose(dropped.handle);
    }
  }

  async linear(step: LinearStep, inputs: readonly Ciphertext[], options?: OperationOptions): Promise<Ciphertext[]> {
    this.#checkUsable(options);
    const names = sourcesOf(step);
    const sources = new Map(inputs.map((input, index) => [names[index]!, input]));
    const results: Ciphertext[] = [];
    try {
      for (const output of step.outputs) {
        results.push(await this.#linearOutput(step, output, sources, options));
      }
      return results;
    } catch (error) {
      for (const result of results) {
        result.dispose();
      }
      throw error;
    }
  }

  async #linearOutput(
    step: LinearStep,
    output: LinearOutput,
    sources: ReadonlyMap<Register, Ciphertext>,
    options: OperationOptions | undefined,
  ): Promise<Ciphertext> {
    using linear = new OpenFheLinear(this.#addon, step, output);
    const inputs = linear.sources.map((source) => sources.get(source)!);
    const handles = inputs.map((input) => this.#handleOf(input));
    requireLevels(linear.level, 1, linear.name);
    for (const input of inputs) {
      requireLevels(input.level, linear.level, linear.name);
    }
    this.#keys.requireRotations(linear.rotations, linear.level, linear.name);
    return await this.#run(linear.name, this.#addon.linear(this.#engine.handle, linear.handle, ...handles), options);
  }

  async square(input: Ciphertext, componentwise: boolean, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    if (componentwise) {
      throw new FheError('ERR_PROFILE', 'square: the openfhe engine packs images into the real part only');
    }
    const handle = this.#handleOf(input);
    requireLevels(input.level, 1, 'square');
    this.#keys.requireRelinearization('square');
    return this.#run('square', this.#addon.square(this.#engine.handle, handle), options);
  }

  async polynomial(input: Ciphertext, step: PolynomialStep, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    const handle = this.#handleOf(input);
    const { coefficients, bound } = step.polynomial;
    const depth = this.#addon.polynomialDepth(coefficients.length - 1) - (bound === 1 ? 1 : 0);
    requireLevels(input.level, Math.max(step.levels, depth), step.name);
    this.#keys.requireRelinearization(step.name);
    const task = this.#addon.polynomial(this.#engine.handle, handle, coefficients, bound);
    return this.#run(step.name, task, options, input.level - step.levels);
  }

  /** OpenFHE's needs one level of its own, and one more to divide by a bound above 1. */
  async bootstrap(input: Ciphertext, bound: number, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    if (this.#bootstrapLevel === undefined) {
      throw new FheError('ERR_PROFILE', 'the profile has no bootstrap');
    }
    const handle = this.#handleOf(input);
    requireLevels(input.level, bound > 1 ? 2 : 1, 'bootstrap');
    this.#keys.requireBootstrap('bootstrap');
    const task = this.#addon.bootstrap(this.#engine.handle, handle, bound);
    return this.#run('bootstrap', task, options, this.#bootstrapLevel);
  }

  async add(left: Ciphertext, right: Ciphertext): Promise<Ciphertext> {
    this.#checkUsable();
    const handles = [this.#handleOf(left), this.#handleOf(right)] as const;
    return this.#run('addition', this.#addon.add(this.#engine.handle, ...handles));
  }

  async multiplyPlain(input: Ciphertext, values: SlotValues): Promise<Ciphertext> {
    this.#checkUsable();
    if (values.imaginary !== undefined) {
      throw new FheError('ERR_PROFILE', 'plaintext product: the openfhe engine packs images into the real part only');
    }
    requireLevels(input.level, 1, 'plaintext product');
    const handle = this.#handleOf(input);
    const product = this.#addon.makeLinear({
      level: input.level,
      sources: 1,
      period: this.#slots,
      diagonals: values.real,
      babySteps: Int32Array.of(0),
      giantSteps: Int32Array.of(0),
      giantParents: Int32Array.of(-1),
      hops: Int32Array.of(0),
      folds: new Int32Array(),
      bias: new Float64Array(),
      entries: Int32Array.of(0, 0, 0, 0),
    });
    try {
      return await this.#run('plaintext product', this.#addon.linear(this.#engine.handle, product, handle));
    } finally {
      this.#addon.dispose(product);
    }
  }

  async rotate(input: Ciphertext, step: number): Promise<Ciphertext> {
    this.#checkUsable();
    const rotation = reduceStep(step, this.#slots);
    const handle = this.#handleOf(input);
    this.#keys.requireRotations([rotation], input.level, 'rotation');
    return this.#run('rotation', this.#addon.rotate(this.#engine.handle, handle, rotation));
  }

  async dropToLevel(input: Ciphertext, level: number): Promise<Ciphertext> {
    this.#checkUsable();
    const handle = this.#handleOf(input);
    if (!Number.isInteger(level) || level < 0 || level > input.level) {
      throw new FheError(
        'ERR_LEVEL_EXHAUSTED',
        `cannot bring a ciphertext from level ${input.level} to level ${level}`,
      );
    }
    return this.#run('level drop', this.#addon.dropToLevel(this.#engine.handle, handle, level));
  }

  dispose(): void {
    this.#disposed = true;
    this.#keys.dispose();
  }

  /**
   * Awaits a native step. A step can't be stopped: when the signal is aborted the promise is rejected at once and the
   * result, when it comes, thrown away. `level`: what the result is brought down to, where OpenFHE leaves it higher.
   */
  async #run(
    subject: string,
    task: Promise<NativeCiphertext>,
    options?: OperationOptions,
    level?: number,
  ): Promise<Ciphertext> {
    const native = await untilAborted(task, options?.signal, (late) => this.#addon.dispose(late.handle), subject);
    if (level === undefined || native.level === level) {
      return new OpenFheCiphertext(this.#addon, this, native);
    }
    try {
      requireLevels(native.level, level, `${subject}: result`);
      const dropped = await settled(subject, this.#addon.dropToLevel(this.#engine.handle, native.handle, level));
      return new OpenFheCiphertext(this.#addon, this, dropped);
    } finally {
      this.#addon.dispose(native.handle);
    }
  }

  #handleOf(ciphertext: Ciphertext): CiphertextHandle {
    return OpenFheCiphertext.handleOf(ciphertext, this);
  }

  #checkUsable(options?: OperationOptions): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the evaluator is disposed');
    }
    if (options?.signal?.aborted) {
      throw new FheError('ERR_CANCELLED', 'interrupted');
    }
  }
}

function requireLevels(level: number, needed: number, subject: string): void {
  if (level < needed) {
    throw new FheError('ERR_LEVEL_EXHAUSTED', `${subject} needs level ${needed}, found ${level}`);
  }
}

/** Settles with the task, or rejects with ERR_CANCELLED as soon as the signal is aborted; a late result is dropped. */
async function untilAborted<T>(
  task: Promise<T>,
  signal: AbortSignal | undefined,
  drop: (late: T) => void,
  subject: string,
): Promise<T> {
  const result = settled(subject, task);
  if (signal === undefined) {
    return result;
  }
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      result.then(drop, () => undefined);
      reject(new FheError('ERR_CANCELLED', `${subject}: interrupted`));
    };
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
