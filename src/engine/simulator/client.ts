import type { SlotValues } from '../../circuit/slot-values.js';
import { FheError } from '../../errors.js';
import type { Client, Encryptor } from '../engine.js';
import { readPayload, writePayload } from './ciphertext.js';
import type { SimulationModel } from './model.js';

/** Stands for the holder of a public key; its ciphertexts are plain. */
export class SimulatedEncryptor implements Encryptor {
  protected readonly model: SimulationModel;
  protected readonly keySet: string;
  #disposed = false;

  constructor(model: SimulationModel, keySet: string) {
    this.model = model;
    this.keySet = keySet;
  }

  async encrypt(values: SlotValues, level: number, scale: number): Promise<Uint8Array> {
    this.checkUsable();
    const { slots, maximumLevel } = this.model;
    if (level < 0 || level > maximumLevel) {
      throw new FheError('ERR_LEVEL_EXHAUSTED', `levels are 0 to ${maximumLevel}, found ${level}`);
    }
    if (values.real.length !== slots || (values.imaginary ?? values.real).length !== slots) {
      throw new RangeError(`expected ${slots} slots, found ${values.real.length}`);
    }
    return writePayload(this.keySet, level, scale, values);
  }

  dispose(): void {
    this.#disposed = true;
  }

  protected checkUsable(): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the client was disposed of');
    }
  }
}

/** Stands for the holder of a secret. */
export class SimulatedClient extends SimulatedEncryptor implements Client {
  get addedDeviation(): number {
    return this.model.addedDeviation;
  }

  async decrypt(payload: Uint8Array): Promise<SlotValues> {
    this.checkUsable();
    return readPayload(payload, this.keySet).values;
  }
}
