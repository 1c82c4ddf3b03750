import type { SlotValues } from '../../circuit/slot-values.js';
import { FheError } from '../../errors.js';
import type { KeyFolder } from '../../store/key-set.js';
import { listedFile } from '../../store/listed-file.js';
import type { Client, Encryptor } from '../engine.js';
import type { NativeEngine, NativeHandle, NativePublicKey, NativeSecretKey, OpenFheAddon } from './binding.js';
import { publicKeyFile, secretKeyFile } from './generate-keys.js';
import { openingKeys, settled } from './load-addon.js';

/** What both holders of a key share: the checks before an encryption, and disposal. */
abstract class KeyHolder<Key extends { readonly handle: NativeHandle<string> }> implements Encryptor {
  readonly #slots: number;
  /** Highest level at which the key encrypts. */
  readonly #level: number;
  #disposed = false;

  constructor(
    protected readonly addon: OpenFheAddon,
    protected readonly engine: NativeEngine,
    protected readonly key: Key,
    slots: number,
    level: number,
  ) {
    this.#slots = slots;
    this.#level = level;
  }

  /** The scale is OpenFHE's of the level, whatever is asked. Throws ERR_PROFILE for values with imaginary parts. */
  async encrypt(values: SlotValues, level: number, _scale: number): Promise<Uint8Array> {
    this.checkUsable();
    if (values.imaginary !== undefined) {
      throw new FheError('ERR_PROFILE', 'the openfhe engine packs images into the real part only');
    }
    if (values.real.length !== this.#slots) {
      throw new RangeError(`expected ${this.#slots} slots, found ${values.real.length}`);
    }
    if (!Number.isInteger(level) || level < 0 || level > this.#level) {
      throw new FheError('ERR_LEVEL_EXHAUSTED', `level ${level}: the key encrypts at 0 to ${this.#level}`);
    }
    return settled('encryption', this.encryptReal(values.real, level));
  }

  dispose(): void {
    this.#disposed = true;
    this.addon.dispose(this.key.handle);
  }

  protected abstract encryptReal(values: Float64Array, level: number): Promise<Uint8Array>;

  protected checkUsable(): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the client is disposed');
    }
  }
}

/** Encrypts with the secret key itself, which adds less noise than a public key would. */
export class OpenFheClient extends KeyHolder<NativeSecretKey> implements Client {
  /**
   * OpenFHE adds as much noise to every slot as it finds in the imaginary parts, which is that of the scores, and refuses
   * to decrypt where it finds too much. An allowance: the recorded runs stay below.
   */
  readonly addedDeviation = 2 ** -8;

  /** Throws ERR_KEY_MISSING, ERR_KEY_CORRUPT, ERR_KEY_MISMATCH. */
  static async open(addon: OpenFheAddon, engine: NativeEngine, keys: KeyFolder, slots: number): Promise<OpenFheClient> {
    const { path, sha256 } = listedFile(keys, secretKeyFile);
    const key = await openingKeys(keys, 'secret key', addon.readSecretKey(engine.handle, path, sha256));
    return new OpenFheClient(addon, engine, key, slots, engine.depth);
  }

  async decrypt(payload: Uint8Array): Promise<SlotValues> {
    this.checkUsable();
    return { real: await settled('decryption', this.addon.decrypt(this.engine.handle, this.key.handle, payload)) };
  }

  protected encryptReal(values: Float64Array, level: number): Promise<Uint8Array> {
    return this.addon.encrypt(this.engine.handle, this.key.handle, values, level);
  }
}

/** Encrypts with the public key; can't decrypt. */
export class OpenFheEncryptor extends KeyHolder<NativePublicKey> {
  /** Throws as OpenFheClient.open. */
  static async open(
    addon: OpenFheAddon,
    engine: NativeEngine,
    keys: KeyFolder,
    slots: number,
  ): Promise<OpenFheEncryptor> {
    const { path, sha256 } = listedFile(keys, publicKeyFile);
    const key = await openingKeys(keys, 'public key', addon.readPublicKey(engine.handle, path, sha256));
    return new OpenFheEncryptor(addon, engine, key, slots, key.level);
  }

  protected encryptReal(values: Float64Array, level: number): Promise<Uint8Array> {
    return this.addon.encryptPublic(this.engine.handle, this.key.handle, values, level);
  }
}
