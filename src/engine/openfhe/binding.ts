/**
 * Types of openfhe.node (native/addon/openfhe/addon.cpp). Arguments are validated before they get here. Promises settle
 * in the order of the calls: the addon runs one task at a time, and beside it reads one file of keys. Errors carry `code`, `message` and `cause`.
 */
declare const handleKind: unique symbol;

/** Opaque owner of a native object; release it with `dispose`. */
export interface NativeHandle<Kind extends string> {
  readonly [handleKind]: Kind;
}

export type EngineHandle = NativeHandle<'engine'>;
export type SecretKeyHandle = NativeHandle<'secret key'>;
export type PublicKeyHandle = NativeHandle<'public key'>;
export type KeyFileHandle = NativeHandle<'key file'>;
export type AutomorphismKeysHandle = NativeHandle<'automorphism keys'>;
export type CiphertextHandle = NativeHandle<'ciphertext'>;
export type LinearHandle = NativeHandle<'linear step'>;

export interface NativeParameters {
  readonly ringDimension: number;
  readonly slots: number;
  readonly firstModulusBits: number;
  readonly scalingModulusBits: number;
  readonly largeDigits: number;
  readonly securityLevel: string;
  readonly secret: string;
  readonly scalingTechnique: string;
  readonly levels: number;
  /** Empty, or the levels of CoeffsToSlots and SlotsToCoeffs. */
  readonly bootstrapLevelBudget: Int32Array;
}

export interface NativeEngine {
  readonly handle: EngineHandle;
  /** Levels of the whole modulus, those that a bootstrap takes included. */
  readonly depth: number;
  readonly logQP: number;
}

export interface NativeSecretKey {
  readonly handle: SecretKeyHandle;
  /** Names the key set in every file and ciphertext. */
  readonly keyTag: string;
}

export interface NativePublicKey {
  readonly handle: PublicKeyHandle;
  /** The highest at which it encrypts. */
  readonly level: number;
}

export interface NativeCiphertext {
  readonly handle: CiphertextHandle;
  readonly level: number;
  readonly scale: number;
  readonly bytes: number;
}

/** A linear step with its rotations resolved. `entries`: source, baby step, giant step and diagonal, four by four. */
export interface NativeLinearStep {
  readonly level: number;
  readonly sources: number;
  readonly period: number;
  readonly diagonals: Float64Array;
  readonly babySteps: Int32Array;
  readonly giantSteps: Int32Array;
  readonly giantParents: Int32Array;
  readonly hops: Int32Array;
  readonly folds: Int32Array;
  readonly bias: Float64Array;
  readonly entries: Int32Array;
}

export interface OpenFheAddon {
  version(): string;
  open(parameters: NativeParameters): Promise<NativeEngine>;
  /** Memory of one evaluation key for key switches up to the level. */
  keyBytes(engine: EngineHandle, level: number): number;
  /** 0: as many as there are processors. */
  setThreads(threads: number): Promise<void>;
  rotationAutomorphisms(engine: EngineHandle, rotations: Int32Array): Uint32Array;
  /** Two by two: automorphism, and the highest level at which bootstrapping uses it; ascending. */
  bootstrapAutomorphisms(engine: EngineHandle): Uint32Array;
  /** OpenFHE's own list, from keys that it makes for the purpose; for tests. */
  libraryBootstrapAutomorphisms(engine: EngineHandle): Promise<Uint32Array>;

  generateKeyPair(engine: EngineHandle): Promise<{ secret: NativeSecretKey; publicKey: NativePublicKey }>;
  /** Digests are SHA-256 of whole files, hexadecimal: what was written, or what must be found. */
  readSecretKey(engine: EngineHandle, path: string, sha256: string): Promise<NativeSecretKey>;
  writeSecretKey(engine: EngineHandle, secret: SecretKeyHandle, path: string): Promise<string>;
  /** For encryption at `level` and below. */
  writePublicKey(engine: EngineHandle, key: PublicKeyHandle, level: number, path: string): Promise<void>;
  readPublicKey(engine: EngineHandle, path: string, sha256: string): Promise<NativePublicKey>;
  /** Hashes the file and keeps it open: keys are read from it whatever happens to its name. */
  openKeyFile(path: string, sha256: string): Promise<KeyFileHandle>;
  writeRelinearizationKey(engine: EngineHandle, secret: SecretKeyHandle, path: string): Promise<void>;
  /** For use up to `level`. */
  writeAutomorphismKeys(
    engine: EngineHandle,
    secret: SecretKeyHandle,
    automorphisms: Int32Array,
    level: number,
    path: string,
  ): Promise<void>;
  /** Keys in memory belong to a holder, a name of the caller's choice; ciphertexts find them by theirs. */
  loadRelinearizationKey(engine: EngineHandle, file: KeyFileHandle, keyTag: string, holder: string): Promise<void>;
  /**
   * Only what key switches up to `level` read, which must not be above the level that the file was written for. Runs
   * beside the other tasks; the holder does not have the keys yet.
   */
  readAutomorphismKeys(
    engine: EngineHandle,
    file: KeyFileHandle,
    keyTag: string,
    holder: string,
    level: number,
  ): Promise<AutomorphismKeysHandle>;
  holdAutomorphismKeys(keys: AutomorphismKeysHandle, holder: string): Promise<void>;
  keepAutomorphismKeys(holder: string, automorphisms: Int32Array): Promise<void>;
  forgetKeys(holder: string): Promise<void>;

  encrypt(engine: EngineHandle, secret: SecretKeyHandle, values: Float64Array, level: number): Promise<Uint8Array>;
  encryptPublic(engine: EngineHandle, key: PublicKeyHandle, values: Float64Array, level: number): Promise<Uint8Array>;
  decrypt(engine: EngineHandle, secret: SecretKeyHandle, payload: Uint8Array): Promise<Float64Array>;
  readCiphertext(engine: EngineHandle, payload: Uint8Array, keyTag: string, holder: string): Promise<NativeCiphertext>;
  writeCiphertext(engine: EngineHandle, ciphertext: CiphertextHandle, keyTag: string): Promise<Uint8Array>;

  dropToLevel(engine: EngineHandle, input: CiphertextHandle, level: number): Promise<NativeCiphertext>;
  add(engine: EngineHandle, left: CiphertextHandle, right: CiphertextHandle): Promise<NativeCiphertext>;
  square(engine: EngineHandle, input: CiphertextHandle): Promise<NativeCiphertext>;
  rotate(engine: EngineHandle, input: CiphertextHandle, step: number): Promise<NativeCiphertext>;
  polynomial(
    engine: EngineHandle,
    input: CiphertextHandle,
    coefficients: Float64Array,
    bound: number,
  ): Promise<NativeCiphertext>;
  /** Levels that a Chebyshev polynomial of the degree takes on an interval other than [-1, 1]. */
  polynomialDepth(degree: number): number;
  prepareBootstrap(engine: EngineHandle): Promise<void>;
  dropBootstrap(engine: EngineHandle): Promise<void>;
  bootstrap(engine: EngineHandle, input: CiphertextHandle, bound: number): Promise<NativeCiphertext>;
  makeLinear(step: NativeLinearStep): LinearHandle;
  linear(engine: EngineHandle, step: LinearHandle, ...inputs: CiphertextHandle[]): Promise<NativeCiphertext>;

  /** May be repeated. */
  dispose(handle: NativeHandle<string>): void;
}
