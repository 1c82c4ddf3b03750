import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { columnStrideOf, extentOf, type Layout, placesAlong, slotStrideOf } from './layout.js';
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

/** What a client makes of a picture before it packs it: x = (pixel / 255 - mean) / deviation, colour by colour, then taps. */
export interface PictureEncoding {
  readonly kind: 'picture';
  /** Colours, height, width. */
  readonly shape: readonly [number, number, number];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly taps: Taps;
}

/** What a client reads in a result: one number per class. */
export interface ScoresEncoding {
  readonly kind: 'scores';
  readonly classes: readonly string[];
  /** Scores of larger magnitude come from no picture like those of the weights' training; undefined: not known. */
  readonly bound?: number | undefined;
}

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
  readonly encoding: PictureEncoding;
}

export interface OutputPort extends Port {
  readonly encoding: ScoresEncoding;
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
 * The scores of each image from decrypted results, one for each register of the output: either all slots of the circuit,
 * or the slots of a smaller ring, of which slot j holds the mean over all slots congruent to j. Of those the circuit
 * leaves scores in every column and zeros in the gaps between them, so the mean is a known fraction of the score.
 */
export function unpackScores(
  { slots, packing, output }: Pick<CircuitEnds, 'slots' | 'packing' | 'output'>,
  values: readonly SlotValues[],
  imageCount: number,
): Float64Array[] {
  const { layout } = output;
  const count = values[0]!.real.length;
  const images = placesAlong(layout, 'image');
  const needed = images.length * slotStrideOf(layout, 'image');
  if (slots % count !== 0 || count < needed) {
    throw new RangeError(`scores need a divisor of ${slots} slots, ${needed} at least, found ${count}`);
  }
  const fraction = Math.min(1, count / columnStrideOf(layout));
  const channels = placesAlong(layout, 'channel');
  return Array.from({ length: imageCount }, (_, index) => {
    const { positions } = packing;
    const origin = images[index % positions]!;
    return Float64Array.from({ length: extentOf(layout, 'channel') }, (_, channel) => {
      const place = channels[channel]!;
      const { real, imaginary } = values[origin.ciphertext + place.ciphertext]!;
      const part = index < positions ? real : imaginary;
      if (part === undefined) {
        throw new RangeError('the result has no imaginary part, where the circuit keeps images');
      }
      return part[origin.slot + place.slot]! / fraction;
    });
  });
}
