import { capacityOf, packImages, packingFor, unpackScores } from '../circuit/port.js';
import type { SlotValues } from '../circuit/slot-values.js';
import type { Client, Encryptor } from '../engine/engine.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Deployment, groupSizes } from './deployment.js';
import type { OperationControls } from './events.js';
import { throwIfCancelled } from './run-stages.js';

/**
 * Encrypts normalised images [colours, height, width], group by group; returns for each group one payload per register of
 * the input.
 */
export async function encryptImages(
  encryptor: Encryptor,
  { plan }: Deployment,
  images: readonly Tensor[],
  controls: OperationControls,
): Promise<Uint8Array[]> {
  const { level, scale } = plan.input;
  const payloads: Uint8Array[] = [];
  let first = 0;
  for (const size of groupSizes(images.length, capacityOf(plan.packing))) {
    const ends = { ...plan, packing: packingFor(plan.packing, size) };
    for (const values of packImages(ends, images.slice(first, first + size))) {
      throwIfCancelled(controls.signal);
      payloads.push(await encryptor.encrypt(values, level, scale));
    }
    first += size;
  }
  return payloads;
}

/** Decrypts the scores of `images` images, in their order; every array has one score per class. */
export async function decryptScores(
  client: Client,
  { plan }: Deployment,
  payloads: readonly Uint8Array[],
  images: number,
  controls: OperationControls,
): Promise<number[][]> {
  const scores: number[][] = [];
  let first = 0;
  for (const size of groupSizes(images, capacityOf(plan.packing))) {
    const values: SlotValues[] = [];
    for (const payload of payloads.slice(first, first + plan.output.registers.length)) {
      throwIfCancelled(controls.signal);
      values.push(await client.decrypt(payload));
    }
    first += values.length;
    const ends = { ...plan, packing: packingFor(plan.packing, size) };
    scores.push(...unpackScores(ends, values, size).map((of) => [...of]));
  }
  return scores;
}
