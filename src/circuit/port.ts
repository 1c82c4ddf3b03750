import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { columnStrideOf, extentOf, type Layout, type Place, placesAlong, slotStrideOf } from './layout.js';
import type { Register } from './register.js';
import type { SlotValues } from './slot-values.js';

/**
 * A value that enters or leaves a circuit, in as many ciphertexts as its layout takes. The layout's image axis counts the
 * positions that the slots have room for.
 */
export interface Port {
  readonly registers: readonly Register[];
  readonly level: number;
  readonly scale: number;
  readonly layout: Layout;
}

/**
 * How a client lays pictures out: channel tap * colours + colour at a column is the colour at
 * column + tap * dilation - left, beyond the border zero or, if circular, that of the opposite border.
 */
export interface Taps {
  readonly count: number;
  readonly left: number;
  readonly dilation: number;
  readonly circular: boolean;
}

/** Pictures as they are. */
export const noTaps: Taps = { count: 1, left: 0, dilation: 1, circular: false };

/**
 * What a client makes of an input before it packs it: x = (v - mean) / deviation, channel by channel, then taps, where v is
 * pixel / 255 of a picture, else the value that was given.
 */
export interface InputEncoding {
  readonly kind: 'picture' | 'values';
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly taps: Taps;
}

/** What a client reads in a result: one number per class, a picture with pixel / 255 = y deviation + mean, or numbers. */
export type OutputEncoding = (
  | { readonly kind: 'scores'; readonly classes: readonly string[] }
  | { readonly kind: 'picture'; readonly mean: readonly number[]; readonly deviation: readonly number[] }
  | { readonly kind: 'values' }
) & {
  /** Numbers of larger magnitude come from no input like those of the weights' training; undefined: not known. */
  readonly bound?: number | undefined;
};

/** Slots that a circuit leaves zero in each ciphertext of its output, in both parts, whatever the input: noise alone. */
export interface ZeroSlots {
  /** Zeros repeat after so many slots. */
  readonly period: number;
  /** Runs [first, behind the last] of one period, ascending. */
  readonly runs: readonly (readonly [number, number])[];
  /** Standard deviation that the parameters predict for each part of such a slot, at most. */
  readonly deviation: number;
}

export interface InputPort extends Port {
  readonly encoding: InputEncoding;
}

export interface OutputPort extends Port {
  readonly encoding: OutputEncoding;
  /** Undefined where the circuit leaves none that are known. */
  readonly zeros?: ZeroSlots | undefined;
}

/** How images lie in the ciphertexts of a port: side by side in the slots, and in the imaginary part. */
export interface Packing {
  readonly positions: number;
  readonly imaginary: boolean;
}

/** Images that a packing has room for. */
export function capacityOf({ positions, imaginary }: Packing): number {
  return positions * (imaginary ? 2 : 1);
}

/** The cheapest packing that holds the images. Throws ERR_USAGE when there are too many for one ciphertext, or none. */
export function packingFor(largest: Packing, imageCount: number): Packing {
  const maximum = capacityOf(largest);
  if (imageCount < 1 || imageCount > maximum) {
    throw new FheError('ERR_USAGE', `a ciphertext takes 1 to ${maximum} images, found ${imageCount}`);
  }
  const { positions } = largest;
  return { positions: Math.min(imageCount, positions), imaginary: imageCount > positions };
}

/** The ends of a circuit, as far as a client needs to know them. */
export interface CircuitEnds {
  readonly slots: number;
  readonly packing: Packing;
  readonly input: InputPort;
  readonly output: OutputPort;
}

/**
 * Lays images [colours, height, width] (normalised) out as the circuit's input, one slot vector per ciphertext: positions
 * first, then the imaginary part. Slots of unused positions are zero. Throws RangeError for too many images.
 */
export function packImages(
  { slots, packing, input }: Pick<CircuitEnds, 'slots' | 'packing' | 'input'>,
  images: readonly Tensor[],
): SlotValues[] {
  const { positions, imaginary } = packing;
  if (images.length > capacityOf(packing)) {
    throw new RangeError(`the circuit holds ${capacityOf(packing)} images, found ${images.length}`);
  }
  const real = input.registers.map(() => new Float64Array(slots));
  const imaginaryParts = input.registers.map(() => new Float64Array(imaginary ? slots : 0));
  for (const [index, image] of images.entries()) {
    placeImage(input, image, index % positions, index < positions ? real : imaginaryParts);
  }
  return real.map((part, index) => (imaginary ? { real: part, imaginary: imaginaryParts[index]! } : { real: part }));
}

function placeImage(
  { layout, encoding: { taps } }: InputPort,
  image: Tensor,
  position: number,
  parts: readonly Float64Array[],
): void {
  const [colours, height, width] = image.shape as [number, number, number];
  const channels = placesAlong(layout, 'channel');
  const rows = placesAlong(layout, 'row');
  const columns = placesAlong(layout, 'column');
  const origin = placesAlong(layout, 'image')[position]!;
  for (const [channel, channelPlace] of channels.entries()) {
    const tap = Math.floor(channel / colours);
    const colour = channel % colours;
    for (const [column, columnPlace] of columns.entries()) {
      const reached = column + tap * taps.dilation - taps.left;
      const source = taps.circular ? (reached + width) % width : reached;
      if (source < 0 || source >= width) {
        continue;
      }
      for (const [row, rowPlace] of rows.entries()) {
        const places = [origin, channelPlace, rowPlace, columnPlace];
        const ciphertext = places.reduce((sum, place) => sum + place.ciphertext, 0);
        const slot = places.reduce((sum, place) => sum + place.slot, 0);
        parts[ciphertext]![slot] = image.data[(colour * height + row) * width + source]!;
      }
    }
  }
}

/**
 * The output of each image, [channels, height, width], from decrypted results, one for each register: either all slots of
 * the circuit, or the slots of a smaller ring, of which slot j holds the mean over all slots congruent to j. Of outputs
 * without rows and columns the circuit leaves copies in every column and zeros in the gaps between them, so the mean is a
 * known fraction of the value. Throws RangeError for slots that do not hold the output.
 */
export function unpackOutputs(
  { slots, packing, output }: Pick<CircuitEnds, 'slots' | 'packing' | 'output'>,
  values: readonly SlotValues[],
  imageCount: number,
): Float64Array[] {
  const { layout } = output;
  const count = values[0]!.real.length;
  const needed = hasCells(layout) ? slots : slotStrideOf(layout, 'image') * extentOf(layout, 'image');
  if (slots % count !== 0 || count < needed) {
    throw new RangeError(`an output needs a divisor of ${slots} slots, ${needed} at least, found ${count}`);
  }
  const fraction = count === slots ? 1 : Math.min(1, count / columnStrideOf(layout));
  const origins = placesAlong(layout, 'image');
  const axes = (['channel', 'row', 'column'] as const).map((axis) => placesAlong(layout, axis));
  const [channels, rows, columns] = axes as [readonly Place[], readonly Place[], readonly Place[]];
  return Array.from({ length: imageCount }, (_, index) => {
    const { positions } = packing;
    const origin = origins[index % positions]!;
    const element = (place: Place, row: Place, column: Place): number => {
      const { real, imaginary } = values[origin.ciphertext + place.ciphertext + row.ciphertext + column.ciphertext]!;
      const part = index < positions ? real : imaginary;
      if (part === undefined) {
        throw new RangeError('the result has no imaginary part, where the circuit keeps images');
      }
      return part[origin.slot + place.slot + row.slot + column.slot]! / fraction;
    };
    return Float64Array.from(
      channels.flatMap((channel) => rows.flatMap((row) => columns.map((column) => element(channel, row, column)))),
    );
  });
}

/** Whether rows or columns of a value lie in the slots, so that none of them hold copies. */
export function hasCells(layout: Layout): boolean {
  return (['row', 'column'] as const).some((axis) => slotStrideOf(layout, axis) !== 0);
}
