/** What a linear step costs depends on these counts only. */
export interface LinearWork {
  readonly level: number;
  /** Plaintext products. */
  readonly products: number;
  /** Period of the diagonals is below the slot count. */
  readonly periodic: boolean;
  /** Of the diagonals and the bias; the slot count where they are dense. */
  readonly period: number;
  /** Ciphertexts that baby steps are taken of. */
  readonly sources: number;
  /** Ciphertexts that the step writes. */
  readonly outputs: number;
  /** Baby steps other than 0, over all sources. */
  readonly babies: number;
  /** Over all outputs. */
  readonly hops: number;
  /** Over all outputs. */
  readonly folds: number;
  readonly conjugate: boolean;
  /** Sources that are packed with a rotated copy in their imaginary part; then the real part is taken at the end. */
  readonly packedSources: number;
}

/** Bytes that keys take in one place. */
export interface KeySizes {
  /** One key for a rotation, conjugation or relinearisation used at `level` at most. */
  key(level: number): number;
  /** All keys that a bootstrap needs beside the circuit's own. */
  bootstrapKeys(): number;
}

/** Seconds on the machine, and with the threads, that the rates are from; bytes of keys on disk and in memory. */
export interface CostModel {
  /** What the planner pays for a byte less of keys; a choice, not a measurement. */
  readonly keyPriceSecondsPerByte: number;
  linearSeconds(work: LinearWork): number;
  squareSeconds(level: number, componentwise: boolean): number;
  polynomialSeconds(level: number, degree: number): number;
  bootstrapSeconds(): number;
  /** Reading a stage's keys into memory before its first step; 0 where steps read them. */
  keyLoadingSeconds(fileBytes: number): number;
  readonly keysOnDisk: KeySizes;
  readonly keysInMemory: KeySizes;
  /** The public key, on disk, for encryption at `level` and below. */
  publicKeyBytes(level: number): number;
  /** Memory of a linear step's weights, from their making to their use. */
  weightBytes(work: LinearWork): number;
  /** Memory of the process without keys and weights while it executes a step at `level`. */
  residentBytes(level: number): number;
}
