import type { SlotValues } from '../../circuit/slot-values.js';
import { FheError } from '../../errors.js';
import type { Ciphertext } from '../engine.js';

/** What stands for a ciphertext: the slots themselves, with the level and scale that an encrypted one would have. */
export class SimulatedCiphertext implements Ciphertext {
  readonly level: number;
  readonly scale: number;
  #values: SlotValues | undefined;

  constructor(values: SlotValues, level: number, scale: number) {
    this.#values = values;
    this.level = level;
    this.scale = scale;
  }

  /** Throws ERR_DISPOSED after dispose(). */
  get values(): SlotValues {
    if (this.#values === undefined) {
      throw new FheError('ERR_DISPOSED', 'the ciphertext was disposed of');
    }
    return this.#values;
  }

  get bytes(): number {
    const { real, imaginary } = this.#values ?? { real: new Float64Array(0) };
    return real.byteLength + (imaginary?.byteLength ?? 0);
  }

  dispose(): void {
    this.#values = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The ciphertext behind an engine-independent handle. Throws ERR_CIPHERTEXT for another engine's. */
export function simulated(ciphertext: Ciphertext): SimulatedCiphertext {
  if (!(ciphertext instanceof SimulatedCiphertext)) {
    throw new FheError('ERR_CIPHERTEXT', 'the simulator was given a ciphertext of another engine');
  }
  return ciphertext;
}

const magic = 'FHESIM01';
const identifierLength = 36;
const headerBytes = 80;

/**
 * Payload, little endian: magic (8 bytes), key set identifier (36), level (int32), scale (float64), slots (int32),
 * parts (int32: 1 real, 2 real and imaginary), padding to 80 bytes, then the parts as float64.
 */
export function writePayload(keySet: string, level: number, scale: number, values: SlotValues): Uint8Array {
  const parts = values.imaginary === undefined ? [values.real] : [values.real, values.imaginary];
  const payload = new Uint8Array(headerBytes + 8 * values.real.length * parts.length);
  const view = new DataView(payload.buffer);
  payload.set(new TextEncoder().encode(magic + keySet));
  view.setInt32(44, level, true);
  view.setFloat64(48, scale, true);
  view.setInt32(56, values.real.length, true);
  view.setInt32(60, parts.length, true);
  let position = headerBytes;
  for (const part of parts) {
    for (const value of part) {
      view.setFloat64(position, value, true);
      position += 8;
    }
  }
  return payload;
}

export interface ReadPayload {
  readonly level: number;
  readonly scale: number;
  readonly values: SlotValues;
}

/** Throws ERR_CIPHERTEXT for bytes that are no such payload, ERR_KEY_MISMATCH for another key set's. */
export function readPayload(payload: Uint8Array, keySet: string): ReadPayload {
  const text = new TextDecoder('latin1').decode(payload.subarray(0, magic.length + identifierLength));
  if (payload.length < headerBytes || !text.startsWith(magic)) {
    throw new FheError('ERR_CIPHERTEXT', 'not a ciphertext of the simulator');
  }
  if (text.slice(magic.length) !== keySet) {
    throw new FheError('ERR_KEY_MISMATCH', 'the ciphertext belongs to another key set');
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const level = view.getInt32(44, true);
  const scale = view.getFloat64(48, true);
  const slots = view.getInt32(56, true);
  const parts = view.getInt32(60, true);
  const expected = headerBytes + 8 * slots * parts;
  if (level < 0 || !(scale > 0) || slots < 1 || (parts !== 1 && parts !== 2) || payload.length !== expected) {
    throw new FheError('ERR_CIPHERTEXT', `damaged ciphertext: expected ${expected} bytes, found ${payload.length}`);
  }
  const part = (index: number): Float64Array => {
    const start = headerBytes + 8 * slots * index;
    return Float64Array.from({ length: slots }, (_, slot) => view.getFloat64(start + 8 * slot, true));
  };
  return { level, scale, values: parts === 1 ? { real: part(0) } : { real: part(0), imaginary: part(1) } };
}
