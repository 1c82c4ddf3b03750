import { join } from 'node:path';
import type { SlotValues } from '../../circuit/slot-values.js';
import type { Client, Encryptor } from '../engine.js';
import { type CkksBinding, type ContextHandle, native, type PublicKeyHandle, type SecretHandle } from './binding.js';

/** File of the secret key in `<set>/secret`. */
export const secretKeyFile = 'secret.key';
/** File of the public key in `<set>/public`. */
export const publicKeyFile = 'public.key';

/** Holder of the secret key of the key set in `folder`. */
export class CkksClient implements Client {
  readonly addedDeviation = 0;

  private constructor(
    private readonly binding: CkksBinding,
    private readonly secret: SecretHandle,
  ) {}

  static async open(binding: CkksBinding, context: ContextHandle, folder: string): Promise<CkksClient> {
    return new CkksClient(
      binding,
      await native(() => binding.openSecret(context, join(folder, 'secret', secretKeyFile))),
    );
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

/** Holder of the public key in `folder`; can't decrypt. */
export class CkksEncryptor implements Encryptor {
  private constructor(
    private readonly binding: CkksBinding,
    private readonly key: PublicKeyHandle,
  ) {}

  static async open(binding: CkksBinding, context: ContextHandle, folder: string): Promise<CkksEncryptor> {
    return new CkksEncryptor(binding, await native(() => binding.openPublicKey(context, join(folder, publicKeyFile))));
  }

  encrypt(values: SlotValues, level: number, scale: number): Promise<Uint8Array> {
    return native(() => this.binding.encryptPublic(this.key, values.real, values.imaginary, level, scale));
  }

  dispose(): void {
    this.binding.dispose(this.key);
  }
}
