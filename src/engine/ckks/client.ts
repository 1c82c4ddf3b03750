import type { SlotValues } from '../../circuit/slot-values.js';
import type { KeyFolder } from '../../store/key-set.js';
import { listedFile } from '../../store/listed-file.js';
import type { Client, Encryptor } from '../engine.js';
import {
  type CkksBinding,
  type ContextHandle,
  native,
  openingKeys,
  type PublicKeyHandle,
  type SecretHandle,
} from './binding.js';

/** File of the secret key in `<set>/secret`. */
export const secretKeyFile = 'secret.key';
/** File of the public key in `<set>/public`. */
export const publicKeyFile = 'public.key';

/** Holder of a set's secret key. */
export class CkksClient implements Client {
  readonly addedDeviation = 0;

  private constructor(
    private readonly binding: CkksBinding,
    private readonly secret: SecretHandle,
  ) {}

  static async open(binding: CkksBinding, context: ContextHandle, keys: KeyFolder): Promise<CkksClient> {
    const { path, sha256 } = listedFile(keys, secretKeyFile);
    return new CkksClient(binding, await openingKeys(keys, () => binding.openSecret(context, path, sha256)));
  }

  encrypt(values: SlotValues, level: number, scale: number): Promise<Uint8Array> {
    return native(() => this.binding.encrypt(this.secret, values.real, values.imaginary, level, scale));
  }

  decrypt(payload: Uint8Array): Promise<SlotValues> {
    return native(() => this.binding.decrypt(this.secret, payload));
  }

  dispose(): void {
    this.binding.dispose(this.secret);
  }
}

/** Holder of a set's public key; can't decrypt. */
export class CkksEncryptor implements Encryptor {
  private constructor(
    private readonly binding: CkksBinding,
    private readonly key: PublicKeyHandle,
  ) {}

  static async open(binding: CkksBinding, context: ContextHandle, keys: KeyFolder): Promise<CkksEncryptor> {
    const { path, sha256 } = listedFile(keys, publicKeyFile);
    return new CkksEncryptor(binding, await openingKeys(keys, () => binding.openPublicKey(context, path, sha256)));
  }

  encrypt(values: SlotValues, level: number, scale: number): Promise<Uint8Array> {
    return native(() => this.binding.encryptPublic(this.key, values.real, values.imaginary, level, scale));
  }

  dispose(): void {
    this.binding.dispose(this.key);
  }
}
