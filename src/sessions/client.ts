import { packImages, unpackScores } from '../circuit/port.js';
import type { SlotValues } from '../circuit/slot-values.js';
import type { Client, Encryptor } from '../engine/engine.js';
import type { Tensor } from '../tensor/tensor.js';
import { type CircuitSource, groupSizes, maximumImages } from './deployment.js';
import type { OperationControls } from './events.js';
import { throwIfCancelled } from './run-stages.js';

/** Encrypts normalised images [channels, height, width], group by group; returns one payload per group. */
export async function encryptImages(
  encryptor: Encryptor,
  circuits: CircuitSource,
  images: readonly Tensor[],
  controls: OperationControls,
): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  let first = 0;
  for (const size of groupSizes(images.length, maximumImages(circuits.model))) {
    throwIfCancelled(controls.signal);
    const circuit = circuits.circuitFor(size);
    for (const values of packImages(circuit, images.slice(first, first + size))) {
      payloads.push(await encryptor.encrypt(values, circuit.input.level, circuit.input.scale));
    }
    first += size;
  }
  return payloads;
}

/** Decrypts the scores of `images` images, in their order; every array has one score per class. */
export async function decryptScores(
  client: Client,
  circuits: CircuitSource,
  payloads: readonly Uint8Array[],
  images: number,
  controls: OperationControls,
): Promise<number[][]> {
  const scores: number[][] = [];
  let first = 0;
  for (const size of groupSizes(images, maximumImages(circuits.model))) {
    const circuit = circuits.circuitFor(size);
    const values: SlotValues[] = [];
    for (const payload of payloads.slice(first, first + circuit.output.registers.length)) {
      throwIfCancelled(controls.signal);
      values.push(await client.decrypt(payload));
    }
    first += values.length;
    scores.push(...unpackScores(circuit, values, size).map((of) => [...of]));
  }
  return scores;
}
