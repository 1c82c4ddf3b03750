import {
  type KeyRequirements,
  type LinearOutput,
  type LinearStep,
  type PolynomialStep,
  sourcesOf,
} from '../../circuit/circuit.js';
import type { Register } from '../../circuit/register.js';
import type { SlotValues } from '../../circuit/slot-values.js';
import { FheError } from '../../errors.js';
import type { StoreOptions } from '../../store/hash.js';
import type { KeyFolder } from '../../store/key-set.js';
import { listedFiles } from '../../store/listed-file.js';
import type { Ciphertext, Evaluator, EvaluatorOptions, LinearOptions, OperationOptions } from '../engine.js';
import {
  type CancelHandle,
  type CiphertextHandle,
  type CkksBinding,
  type ContextHandle,
  type EvaluatorHandle,
  type KeysHandle,
  type NativeCiphertext,
  native,
  openingKeys,
} from './binding.js';
import { describeLinear, describeMaps, type LinearMapDescription } from './linear-description.js';
import { partialSumBytes } from './memory.js';
import { RotatedSources } from './rotated-sources.js';

class CkksCiphertext implements Ciphertext {
  readonly level: number;
  readonly scale: number;
  readonly bytes: number;
  readonly handle: CiphertextHandle;

  constructor(
    private readonly binding: CkksBinding,
    made: NativeCiphertext,
  ) {
    this.level = made.level;
    this.scale = made.scale;
    this.bytes = made.bytes;
    this.handle = made.ciphertext;
  }

  dispose(): void {
    this.binding.dispose(this.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Evaluation with the keys of one folder. Keys stay on disk; every operation reads the rows that it needs. */
export class CkksEvaluator implements Evaluator {
  private disposed = false;
  /** Maps that were described while the step before ran. */
  private ahead: { readonly output: LinearOutput; readonly maps: LinearMapDescription[] } | undefined;

  private constructor(
    private readonly binding: CkksBinding,
    private readonly context: ContextHandle,
    private readonly keys: KeysHandle,
    private readonly evaluator: EvaluatorHandle,
  ) {}

  static async open(
    binding: CkksBinding,
    context: ContextHandle,
    folder: KeyFolder,
    options: EvaluatorOptions,
  ): Promise<CkksEvaluator> {
    binding.setThreads(options.threads ?? 0);
    const keys = binding.createKeys(context);
    try {
      await addKeys(binding, keys, folder, options);
      const sumBytes = partialSumBytes(options.memoryBudget);
      const evaluator = await native(() => binding.createEvaluator(context, keys, sumBytes));
      return new CkksEvaluator(binding, context, keys, evaluator);
    } catch (error) {
      binding.dispose(keys);
      throw error;
    }
  }

  /** Keys are read where they are used, so entering a stage loads nothing. */
  async enterStage(_name: string, _keys: KeyRequirements): Promise<void> {
    if (this.disposed) {
      throw new FheError('ERR_DISPOSED', 'the evaluator is disposed');
    }
  }

  async readCiphertext(payload: Uint8Array): Promise<Ciphertext> {
    return this.wrap(await native(() => this.binding.readCiphertext(this.evaluator, payload)));
  }

  writeCiphertext(ciphertext: Ciphertext, options: { readonly result: boolean }): Promise<Uint8Array> {
    const handle = handleOf(ciphertext);
    return native(() =>
      options.result
        ? this.binding.writeResult(this.evaluator, handle)
        : this.binding.writeCiphertext(this.evaluator, handle),
    );
  }

  async linear(step: LinearStep, inputs: readonly Ciphertext[], options?: LinearOptions): Promise<Ciphertext[]> {
    const names = sourcesOf(step);
    const sources = new Map(inputs.map((input, index) => [names[index]!, input]));
    if (step.outputs.length === 1) {
      return [await this.linearOutput(step, step.outputs[0]!, sources, options)];
    }
    const rotated = new RotatedSources(step, sources, (input, rotation) => this.rotate(input, rotation));
    const results: Ciphertext[] = [];
    try {
      for (const output of step.outputs) {
        const { terms, inputs: rotatedInputs } = await rotated.termsOf(output);
        results.push(await this.linearOutput(rotated.step, { ...output, terms }, rotatedInputs, options));
      }
      return results;
    } catch (error) {
      for (const result of results) {
        result.dispose();
      }
      throw error;
    } finally {
      rotated.dispose();
    }
  }

  square(input: Ciphertext, componentwise: boolean, options?: OperationOptions): Promise<Ciphertext> {
    return this.cancellable(options, (flag) =>
      this.binding.square(this.evaluator, handleOf(input), componentwise, flag),
    );
  }

  polynomial(input: Ciphertext, step: PolynomialStep, options?: OperationOptions): Promise<Ciphertext> {
    const { coefficients, bound } = step.polynomial;
    const level = step.level - step.levels;
    return this.cancellable(options, (flag) =>
      this.binding.polynomial(this.evaluator, handleOf(input), coefficients, bound, level, step.outputScale, flag),
    );
  }

  bootstrap(): Promise<Ciphertext> {
    throw new FheError('ERR_PROFILE', 'the ckks engine runs leveled circuits, without bootstrapping');
  }

  async add(left: Ciphertext, right: Ciphertext): Promise<Ciphertext> {
    return this.wrap(await native(() => this.binding.add(this.evaluator, handleOf(left), handleOf(right))));
  }

  async multiplyPlain(input: Ciphertext, values: SlotValues): Promise<Ciphertext> {
    return this.wrap(
      await native(() => this.binding.multiplyPlain(this.evaluator, handleOf(input), values.real, values.imaginary)),
    );
  }

  async rotate(input: Ciphertext, step: number): Promise<Ciphertext> {
    return this.wrap(await native(() => this.binding.rotate(this.evaluator, handleOf(input), step)));
  }

  async dropToLevel(input: Ciphertext, level: number): Promise<Ciphertext> {
    return this.wrap(await native(() => this.binding.dropToLevel(this.evaluator, handleOf(input), level)));
  }

  dispose(): void {
    this.disposed = true;
    this.binding.dispose(this.evaluator);
    this.binding.dispose(this.keys);
  }

  private async linearOutput(
    step: LinearStep,
    output: LinearOutput,
    inputs: ReadonlyMap<Register, Ciphertext>,
    options: LinearOptions | undefined,
  ): Promise<Ciphertext> {
    const scales = new Map([...inputs].map(([name, { scale }]) => [name, scale]));
    const maps = this.ahead?.output === output ? this.ahead.maps : describeMaps(step, output);
    this.ahead = undefined;
    const description = describeLinear(step, output, scales, maps);
    const { encoded } = await native(() => this.binding.encodeLinear(this.context, description));
    try {
      const handles = output.terms.map(({ source }) => handleOf(inputs.get(source)!));
      const running = this.cancellable(options, (flag) => this.binding.linear(this.evaluator, encoded, handles, flag));
      this.describeAhead(options?.next);
      return await running;
    } finally {
      this.binding.dispose(encoded);
    }
  }

  /** The weights of a step's maps, which take this thread as long as a square takes the others. */
  private describeAhead(step: LinearStep | undefined): void {
    const [output, second] = step?.outputs ?? [];
    if (output === undefined || second !== undefined) {
      return;
    }
    try {
      this.ahead = { output, maps: describeMaps(step!, output) };
    } catch {
      // The step fails again, with this error, when its turn comes.
    }
  }

  private wrap(made: NativeCiphertext): Ciphertext {
    return new CkksCiphertext(this.binding, made);
  }

  private async cancellable(
    options: OperationOptions | undefined,
    call: (flag: CancelHandle | undefined) => Promise<NativeCiphertext>,
  ): Promise<Ciphertext> {
    const signal = options?.signal;
    if (signal === undefined) {
      return this.wrap(await native(() => call(undefined)));
    }
    const flag = this.binding.createCancelFlag();
    const cancel = (): void => this.binding.cancel(flag);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) {
      cancel();
    }
    try {
      return this.wrap(await native(() => call(flag)));
    } finally {
      signal.removeEventListener('abort', cancel);
      this.binding.dispose(flag);
    }
  }
}

/** Throws ERR_CANCELLED between files, and what `openingKeys` does. */
async function addKeys(
  binding: CkksBinding,
  keys: KeysHandle,
  folder: KeyFolder,
  options: StoreOptions,
): Promise<void> {
  let done = 0;
  for (const { path, bytes, sha256 } of listedFiles(folder)) {
    if (options.signal?.aborted === true) {
      throw new FheError('ERR_CANCELLED', `reading ${path} was interrupted`);
    }
    await openingKeys(folder, () => binding.addKey(keys, path, sha256));
    done += bytes;
    options.progress?.({ text: 'verifying evaluation keys', done, total: folder.bytes });
  }
}

function handleOf(ciphertext: Ciphertext): CiphertextHandle {
  if (!(ciphertext instanceof CkksCiphertext)) {
    throw new FheError('ERR_CIPHERTEXT', 'the ciphertext belongs to another engine');
  }
  return ciphertext.handle;
}
