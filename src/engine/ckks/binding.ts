import type { KernelName, MeasuredCkksRates } from '../../cost/rates.js';
import { FheError } from '../../errors.js';
import type { SecurityCheck } from '../../scheme/parameters.js';
import type { KeyFolder } from '../../store/key-set.js';
import { withMending } from '../../store/listed-file.js';
import { loadAddonFile } from '../addon.js';

declare const handle: unique symbol;

/** An object owned by the addon; `dispose` releases it early. */
export interface NativeHandle<Kind extends string> {
  readonly [handle]: Kind;
}

export type ContextHandle = NativeHandle<'context'>;
export type SecretHandle = NativeHandle<'secret key'>;
export type PublicKeyHandle = NativeHandle<'public key'>;
export type KeysHandle = NativeHandle<'key set'>;
export type EvaluatorHandle = NativeHandle<'evaluator'>;
export type CiphertextHandle = NativeHandle<'ciphertext'>;
export type EncodedHandle = NativeHandle<'encoded linear step'>;
export type CancelHandle = NativeHandle<'cancel flag'>;

/** The library's ParameterLiteral. */
export interface NativeParameters {
  readonly ringDimension: number;
  readonly primeBits: Int32Array;
  readonly specialPrimeBits: number;
  readonly specialPrimes: Int32Array;
  readonly digits: Int32Array;
  readonly resultRingDimension: number;
  readonly security: SecurityCheck;
}

export interface NativeKeyRequest {
  readonly kind: 'relinearization' | 'rotation' | 'conjugation' | 'ring-switch' | 'public';
  /** Slots; 0 for the other kinds. */
  readonly rotation: number;
  readonly level: number;
  readonly path: string;
}

export interface NativeLinearTerm {
  readonly inputScale: number;
  readonly offsets: Int32Array;
  /** offsets.length times one period. */
  readonly diagonals: Float64Array;
  /** As many values, of the offsets moved by imaginaryShift; undefined where the source is not packed with its copy. */
  readonly shiftedDiagonals: Float64Array | undefined;
  readonly babyIndices: Int32Array;
  readonly giantIndices: Int32Array;
}

export interface NativeLinearDescription {
  readonly level: number;
  readonly outputScale: number;
  readonly period: number;
  readonly babySteps: Int32Array;
  readonly giantSteps: Int32Array;
  readonly giantParents: Int32Array;
  readonly folds: Int32Array;
  readonly bias: Float64Array;
  readonly conjugate: boolean;
  readonly imaginaryShift: number;
  readonly terms: readonly NativeLinearTerm[];
}

export interface NativeCiphertext {
  readonly ciphertext: CiphertextHandle;
  readonly level: number;
  readonly scale: number;
  readonly bytes: number;
}

/** Everything that ckks.node exports. Promises settle one after another, in the order of the calls. */
export interface CkksBinding {
  kernelName(): KernelName;
  availableKernels(): string[];
  /** Writes a key to `keyPath` for it, which is left there; measures each rate for about `secondsPerRate`. */
  measureRates(keyPath: string, threads: number, secondsPerRate: number): Promise<MeasuredCkksRates>;
  /** Of the operations that are called after it; 0: as many as there are processors. */
  setThreads(count: number): void;
  createContext(parameters: NativeParameters): Promise<{ context: ContextHandle; logQP: number; primes: Float64Array }>;
  createCancelFlag(): CancelHandle;
  cancel(flag: CancelHandle): void;

  /** Digests are SHA-256 of whole files, hexadecimal: what was written, or what must be found. */
  generateSecret(context: ContextHandle, path: string): Promise<{ secret: SecretHandle; sha256: string }>;
  openSecret(context: ContextHandle, path: string, sha256: string): Promise<SecretHandle>;
  generateKey(secret: SecretHandle, request: NativeKeyRequest): Promise<void>;
  encrypt(
    secret: SecretHandle,
    real: Float64Array,
    imaginary: Float64Array | undefined,
    level: number,
    scale: number,
  ): Promise<Uint8Array>;
  openPublicKey(context: ContextHandle, path: string, sha256: string): Promise<PublicKeyHandle>;
  encryptPublic(
    key: PublicKeyHandle,
    real: Float64Array,
    imaginary: Float64Array | undefined,
    level: number,
    scale: number,
  ): Promise<Uint8Array>;
  decrypt(secret: SecretHandle, bytes: Uint8Array): Promise<{ real: Float64Array; imaginary: Float64Array }>;

  createKeys(context: ContextHandle): KeysHandle;
  /** Opens, hashes and keeps a file; the keys must not serve an evaluator yet. */
  addKey(keys: KeysHandle, path: string, sha256: string): Promise<void>;
  createEvaluator(context: ContextHandle, keys: KeysHandle, partialSumBytes: number): EvaluatorHandle;
  encodeLinear(
    context: ContextHandle,
    description: NativeLinearDescription,
  ): Promise<{ encoded: EncodedHandle; bytes: number }>;
  linear(
    evaluator: EvaluatorHandle,
    encoded: EncodedHandle,
    inputs: readonly CiphertextHandle[],
    cancel: CancelHandle | undefined,
  ): Promise<NativeCiphertext>;
  square(
    evaluator: EvaluatorHandle,
    input: CiphertextHandle,
    componentwise: boolean,
    cancel: CancelHandle | undefined,
  ): Promise<NativeCiphertext>;
  polynomial(
    evaluator: EvaluatorHandle,
    input: CiphertextHandle,
    coefficients: Float64Array,
    bound: number,
    level: number,
    outputScale: number,
    cancel: CancelHandle | undefined,
  ): Promise<NativeCiphertext>;
  add(evaluator: EvaluatorHandle, left: CiphertextHandle, right: CiphertextHandle): Promise<NativeCiphertext>;
  multiplyPlain(
    evaluator: EvaluatorHandle,
    input: CiphertextHandle,
    real: Float64Array,
    imaginary: Float64Array | undefined,
  ): Promise<NativeCiphertext>;
  rotate(evaluator: EvaluatorHandle, input: CiphertextHandle, step: number): Promise<NativeCiphertext>;
  dropToLevel(evaluator: EvaluatorHandle, input: CiphertextHandle, level: number): Promise<NativeCiphertext>;
  readCiphertext(evaluator: EvaluatorHandle, bytes: Uint8Array): Promise<NativeCiphertext>;
  writeCiphertext(evaluator: EvaluatorHandle, input: CiphertextHandle): Promise<Uint8Array>;
  writeResult(evaluator: EvaluatorHandle, input: CiphertextHandle): Promise<Uint8Array>;

  dispose(object: NativeHandle<string>): void;
}

let loaded: CkksBinding | undefined;

/** Loads ckks.node once. Throws ERR_ENGINE_UNAVAILABLE when it is not built or can't be loaded on this machine. */
export function loadBinding(): CkksBinding {
  loaded ??= loadAddonFile('ckks') as CkksBinding;
  return loaded;
}

/** Runs a native call; an error of the addon becomes an FheError with the same code. */
export async function native<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

/** The same, of a call that opens keys of a side: the error says what to do about them. */
export async function openingKeys<T>(keys: KeyFolder, call: () => Promise<T>): Promise<T> {
  try {
    return await native(call);
  } catch (error) {
    throw withMending(error, keys);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof Error && !(error instanceof FheError) && 'code' in error) {
    return new FheError(error.code as FheError['code'], error.message, { cause: error.cause });
  }
  return error;
}
