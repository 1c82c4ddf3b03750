import type { Client, Encryptor } from '../engine/engine.js';
import { packImages, unpackScores } from '../lowering/packing.js';
import type { Tensor } from '../tensor/tensor.js';
import { type CircuitSource, groupSizes } from './deployment.js';
import type { OperationControls } from './events.js';
import { throwIfCancelled } from './run-circuit.js';

/** Encrypts normalised images [channels, height, width], group by group; returns one payload per group. */
export async function encryptImages(
  encryptor: Encryptor,
  circuits: CircuitSource,
  images: readonly Tensor[],
  controls: OperationControls,
): Promise<Uint8Array[]> {
  const { network, maximumImages } = circuits.model;
  const payloads: Uint8Array[] = [];
  let first = 0;
  for (const size of groupSizes(images.length, maximumImages)) {
    throwIfCancelled(controls.signal);
    const circuit = circuits.circuitFor(size);
    const values = packImages(network, circuit, images.slice(first, first + size));
    payloads.push(await encryptor.encrypt(values, circuit.input.level, circuit.input.scale));
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
  const sizes = groupSizes(images, circuits.model.maximumImages);
  const scores: number[][] = [];
  for (const [index, payload] of payloads.entries()) {
    throwIfCancelled(controls.signal);
    const size = sizes[index] ?? 0;
    const values = await client.decrypt(payload);
    scores.push(...unpackScores(circuits.circuitFor(size), values, size).map((of) => [...of]));
  }
  return scores;
}
