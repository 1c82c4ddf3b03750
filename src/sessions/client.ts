import { type ZeroSlotNoise, zeroSlotNoise } from '../circuit/answer-noise.js';
import { capacityOf, packImages, packingFor, unpackOutputs } from '../circuit/port.js';
import type { SlotValues } from '../circuit/slot-values.js';
import type { Client, Encryptor } from '../engine/engine.js';
import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Deployment, groupSizes } from './deployment.js';
import { detail, type OperationControls } from './events.js';
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

/** Encrypted scores of one group: a payload per register of the output; or the ERR_RANGE that ended its computation. */
export type GroupResult = readonly Uint8Array[] | FheError;

/** The output of one image, channel by channel and row by row, or why there is none. */
export type Answer = { readonly values: readonly number[] } | { readonly refusal: Refusal };

/** An answer that is noise, or may be. */
export interface Refusal {
  /** `noise`: the whole ciphertext is; `scores`: those of this image alone are larger than any can be. */
  readonly cause: 'noise' | 'scores';
  /** Images in the ciphertext; any of them can have turned it to noise. */
  readonly images: number;
}

/** Splits the payloads of a file of `images` images into groups. */
export function groupsOf({ plan }: Deployment, payloads: readonly Uint8Array[], images: number): GroupResult[] {
  const { length } = plan.output.registers;
  return groupSizes(images, capacityOf(plan.packing)).map((_, group) =>
    payloads.slice(group * length, (group + 1) * length),
  );
}

/** The payloads of all groups; throws the error of a group that has none. */
export function payloadsOf(groups: readonly GroupResult[]): Uint8Array[] {
  return groups.flatMap((group) => {
    if (group instanceof FheError) {
      throw group;
    }
    return [...group];
  });
}

/**
 * Decrypts the answers of `images` images, in their order, and refuses what noise does not leave readable: all of a group
 * whose zero slots hold more than the predicted noise, or whose computation or decryption ended with ERR_RANGE, and every
 * image with a score beyond the bound of the network's, or that is not a number. Throws what decryption throws otherwise.
 */
export async function decryptAnswers(
  client: Client,
  { plan }: Deployment,
  groups: readonly GroupResult[],
  images: number,
  controls: OperationControls,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [group, size] of groupSizes(images, capacityOf(plan.packing)).entries()) {
    const values = await decryptGroup(client, groups[group]!, controls);
    const noise =
      values instanceof FheError ? values.message : excessOf(zeroSlotNoise(plan.output, values, client.addedDeviation));
    if (values instanceof FheError || noise !== undefined) {
      detail(controls, `images ${answers.length + 1} to ${answers.length + size}: ${noise}`);
      answers.push(...Array.from({ length: size }, (): Answer => ({ refusal: { cause: 'noise', images: size } })));
      continue;
    }
    const ends = { ...plan, packing: packingFor(plan.packing, size) };
    const bound = plan.output.encoding.bound ?? Number.MAX_VALUE;
    for (const output of unpackOutputs(ends, values, size)) {
      const plausible = output.every((value) => Math.abs(value) <= bound);
      answers.push(plausible ? { values: [...output] } : { refusal: { cause: 'scores', images: size } });
    }
  }
  return answers;
}

async function decryptGroup(
  client: Client,
  group: GroupResult,
  controls: OperationControls,
): Promise<SlotValues[] | FheError> {
  if (group instanceof FheError) {
    return group;
  }
  const values: SlotValues[] = [];
  for (const payload of group) {
    throwIfCancelled(controls.signal);
    try {
      values.push(await client.decrypt(payload));
    } catch (error) {
      if (error instanceof FheError && error.code === 'ERR_RANGE') {
        return error;
      }
      throw error;
    }
  }
  return values;
}

/** Undefined where the noise is what it may be. */
function excessOf({ found, allowed }: ZeroSlotNoise): string | undefined {
  return found <= allowed
    ? undefined
    : `slots that must be zero hold up to ${found.toPrecision(4)}, noise at most ${allowed.toPrecision(4)}`;
}
