import { FheError } from '../../errors.js';
import type { Ciphertext } from '../engine.js';
import type { CiphertextHandle, NativeCiphertext, OpenFheAddon } from './binding.js';

/** A ciphertext in native memory, of one evaluator. */
export class OpenFheCiphertext implements Ciphertext {
  readonly level: number;
  readonly scale: number;
  readonly bytes: number;
  readonly #addon: OpenFheAddon;
  readonly #owner: object;
  readonly #handle: CiphertextHandle;
  #disposed = false;

  /** `owner`: the evaluator; no other may use the ciphertext. */
  constructor(addon: OpenFheAddon, owner: object, native: NativeCiphertext) {
    this.#addon = addon;
    this.#owner = owner;
    this.#handle = native.handle;
    this.level = native.level;
    this.scale = native.scale;
    this.bytes = native.bytes;
  }

  /** Throws ERR_DISPOSED after dispose, ERR_CIPHERTEXT for another engine's or evaluator's ciphertext. */
  static handleOf(ciphertext: Ciphertext, owner: object): CiphertextHandle {
    if (!(ciphertext instanceof OpenFheCiphertext) || ciphertext.#owner !== owner) {
      throw new FheError('ERR_CIPHERTEXT', 'the ciphertext belongs to another engine or evaluator');
    }
    if (ciphertext.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the ciphertext is disposed');
    }
    return ciphertext.#handle;
  }

  dispose(): void {
    this.#disposed = true;
    this.#addon.dispose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
