import path from 'node:path';
import { FheError } from '../../errors.js';
import type { Client, SlotValues } from '../engine.js';
import type { NativeEngine, NativeSecretKey, OpenFheAddon } from './binding.js';
import { secretKeyFile } from './generate-keys.js';
import { settled } from './load-addon.js';

/** Encrypts with the secret key itself, which adds less noise than a public key would. */
export class OpenFheClient implements Client {
  readonly #addon: OpenFheAddon;
  readonly #engine: NativeEngine;
  readonly #secret: NativeSecretKey;
  readonly #slots: number;
  #disposed = false;

  private constructor(addon: OpenFheAddon, engine: NativeEngine, secret: NativeSecretKey, slots: number) {
    this.#addon = addon;
    this.#engine = engine;
    this.#secret = secret;
    this.#slots = slots;
  }

  /** Throws ERR_FILE, ERR_KEY_CORRUPT, ERR_KEY_MISMATCH. */
  static async open(addon: OpenFheAddon, engine: NativeEngine, folder: string, slots: number): Promise<OpenFheClient> {
    const file = path.join(folder, 'secret', secretKeyFile);
    return new OpenFheClient(
      addon,
      engine,
      await settled('secret key', addon.readSecretKey(engine.handle, file)),
      slots,
    );
  }

  /** The scale is OpenFHE's of the level, whatever is asked. Throws ERR_PROFILE for values with imaginary parts. */
  async encrypt(values: SlotValues, level: number, _scale: number): Promise<Uint8Array> {
    this.#checkUsable();
    if (values.imaginary !== undefined) {
      throw new FheError('ERR_PROFILE', 'the openfhe engine packs images into the real part only');
    }
    if (values.real.length !== this.#slots) {
      throw new RangeError(`expected ${this.#slots} slots, found ${values.real.length}`);
    }
    if (!Number.isInteger(level) || level < 0 || level > this.#engine.depth) {
      throw new FheError('ERR_LEVEL_EXHAUSTED', `level ${level}: the profile has 0 to ${this.#engine.depth}`);
    }
    const { handle } = this.#engine;
    return settled('encryption', this.#addon.encrypt(handle, this.#secret.handle, values.real, level));
  }

  async decrypt(payload: Uint8Array): Promise<SlotValues> {
    this.#checkUsable();
    const { handle } = this.#engine;
    return { real: await settled('decryption', this.#addon.decrypt(handle, this.#secret.handle, payload)) };
  }

  dispose(): void {
    this.#disposed = true;
    this.#addon.dispose(this.#secret.handle);
  }

  #checkUsable(): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the client is disposed');
    }
  }
}
