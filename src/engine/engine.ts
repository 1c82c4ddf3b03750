import type { KeyRequirements, LinearStep, PolynomialStep } from '../circuit/circuit.js';
import type { SlotValues } from '../circuit/slot-values.js';
import type { ProgressReport } from '../progress-report.js';
import type { EngineName } from '../scheme/parameters.js';
import type { StoreOptions } from '../store/hash.js';
import type { KeyFile } from '../store/key-file.js';
import type { KeyFolder } from '../store/key-set.js';

/** Opaque handle to an encrypted (or, in the simulator, plain) slot vector. dispose() is idempotent. */
export interface Ciphertext {
  readonly level: number;
  /** Exact scale where the engine manages it, else the library's nominal one. */
  readonly scale: number;
  readonly bytes: number;
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface LinearOptions extends OperationOptions {
  /** The linear step after this one: what depends on its weights alone may be made meanwhile. */
  readonly next?: LinearStep | undefined;
}

export interface KeyGenerationOptions extends OperationOptions {
  readonly progress?: ((report: ProgressReport) => void) | undefined;
  readonly threads?: number | undefined;
}

export interface StageKeys {
  readonly name: string;
  readonly keys: KeyRequirements;
}

/** What keys a circuit needs, stage by stage (merged over every packing that the profile supports). */
export interface KeyPlan {
  readonly stages: readonly StageKeys[];
}

/**
 * One homomorphic-encryption library, opened for one profile's parameters. Executes steps; knows no network.
 * All files it writes go directly into `folder`, whose manifest, permissions and atomicity belong to `store`.
 */
export interface Engine {
  readonly name: EngineName;
  /** False only for the simulator. */
  readonly encrypted: boolean;
  readonly slots: number;
  /** Level of a fresh ciphertext at most. */
  readonly maximumLevel: number;
  /**
   * Writes into `<folder>/secret`, `<folder>/public` and `<folder>/evaluation`, which must exist. The public key serves
   * every level at which a stage of the plan works, and so the circuit's input.
   */
  generateKeys(folder: string, plan: KeyPlan, options: KeyGenerationOptions): Promise<KeyFile[]>;
  /**
   * The three that open keys: the secret, the public or the evaluation side of a set. Opening verifies: only files that
   * the manifest lists are opened, each once, and what is used is the bytes whose SHA-256 was the manifest's. Throw
   * ERR_KEY_MISSING, ERR_KEY_MISMATCH, ERR_KEY_VERSION, ERR_KEY_CORRUPT, ERR_CANCELLED.
   */
  openClient(keys: KeyFolder, options?: StoreOptions): Promise<Client>;
  openEncryptor(keys: KeyFolder, options?: StoreOptions): Promise<Encryptor>;
  openEvaluator(keys: KeyFolder, options: EvaluatorOptions): Promise<Evaluator>;
  dispose(): void;
}

export interface EvaluatorOptions extends StoreOptions {
  readonly threads?: number | undefined;
  /** Bytes the process may use at its peak; undefined: as many as the engine likes. */
  readonly memoryBudget?: number | undefined;
}

/** Holder of a key to encrypt with, the public or the secret one. */
export interface Encryptor {
  /**
   * Encrypts at the level and scale; the bytes are a ciphertext file's payload. Throws ERR_LEVEL_EXHAUSTED for a level
   * that the key does not have, ERR_DISPOSED.
   */
  encrypt(values: SlotValues, level: number, scale: number): Promise<Uint8Array>;
  dispose(): void;
}

/** Holder of the secret key, which encrypts with less noise than the public one, and in the ckks engine in half the bytes. */
export interface Client extends Encryptor {
  /** Standard deviation of noise that each part of a decrypted slot holds beyond what the parameters predict. */
  readonly addedDeviation: number;
  /**
   * All slots; or, of a result that was switched to a smaller ring, that ring's slots, each the mean over all slots
   * congruent to it. Throws ERR_CIPHERTEXT for a damaged payload, ERR_KEY_MISMATCH where another key set's is recognised,
   * ERR_RANGE where the library finds that nothing but noise is left.
   */
  decrypt(payload: Uint8Array): Promise<SlotValues>;
}

/** Evaluation side: no secret. Operations throw FheError: ERR_LEVEL_EXHAUSTED, ERR_KEY_MISSING, ERR_CIPHERTEXT, ERR_DISPOSED, ERR_CANCELLED. */
export interface Evaluator {
  /**
   * Makes the stage's keys available and releases those of the stage before. Operations may rely on the keys of the
   * stage entered last, and on no others. `next`, the stage to be entered after it: its keys may be read in the
   * background meanwhile.
   */
  enterStage(name: string, keys: KeyRequirements, next?: StageKeys): Promise<void>;
  /** Validates everything (header, parameters, residues) before use. */
  readCiphertext(payload: Uint8Array): Promise<Ciphertext>;
  /** `result`: the last ciphertext of a circuit, which may be switched to a smaller ring so that the answer is short. */
  writeCiphertext(ciphertext: Ciphertext, options: { readonly result: boolean }): Promise<Uint8Array>;

  /** Inputs in the order of `sourcesOf` the step, results in that of its outputs. */
  linear(step: LinearStep, inputs: readonly Ciphertext[], options?: LinearOptions): Promise<Ciphertext[]>;
  square(input: Ciphertext, componentwise: boolean, options?: OperationOptions): Promise<Ciphertext>;
  polynomial(input: Ciphertext, step: PolynomialStep, options?: OperationOptions): Promise<Ciphertext>;
  bootstrap(input: Ciphertext, bound: number, options?: OperationOptions): Promise<Ciphertext>;

  add(left: Ciphertext, right: Ciphertext): Promise<Ciphertext>;
  /** Plaintext product followed by a rescale to exactly the input's scale where the engine manages scales. */
  multiplyPlain(input: Ciphertext, values: SlotValues): Promise<Ciphertext>;
  /** output[i] = input[i + step mod slots] */
  rotate(input: Ciphertext, step: number): Promise<Ciphertext>;
  /** Exact copy at a lower level. */
  dropToLevel(input: Ciphertext, level: number): Promise<Ciphertext>;
  dispose(): void;
}
