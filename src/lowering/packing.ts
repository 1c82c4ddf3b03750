import type { Circuit, Packing } from '../circuit/circuit.js';
import { slotOf } from '../circuit/layout.js';
import type { SlotValues } from '../circuit/slot-values.js';
import { FheError } from '../errors.js';
import type { Network } from '../network/description.js';
import { circuitParameters } from '../scheme/circuit-parameters.js';
import type { Profile } from '../scheme/parameters.js';
import type { Tensor } from '../tensor/tensor.js';
import { inputLayout, kernelWidth } from './layouts/columns-outermost.js';

/** Images that one ciphertext of the profile holds at most. */
export function maximumImages(network: Network, profile: Profile): number {
  const { positions, imaginary } = largestPacking(network, profile);
  return positions * (imaginary ? 2 : 1);
}

/** All positions, and the imaginary part where the engine can use it. */
export function largestPacking(network: Network, profile: Profile): Packing {
  const { slots, imaginaryImages } = circuitParameters(profile);
  return { positions: inputLayout(network, slots).images, imaginary: imaginaryImages };
}

/** The cheapest packing that holds the images. Throws ERR_USAGE when there are too many for one ciphertext, or none. */
export function packingFor(network: Network, profile: Profile, imageCount: number): Packing {
  const { positions } = largestPacking(network, profile);
  const maximum = maximumImages(network, profile);
  if (imageCount < 1 || imageCount > maximum) {
    throw new FheError(
      'ERR_USAGE',
      `profile ${profile.name} takes 1 to ${maximum} images at once, found ${imageCount}`,
    );
  }
  return { positions: Math.min(imageCount, positions), imaginary: imageCount > positions };
}

/**
 * Lays images [colours, height, width] (normalised) out as the circuit's input: positions first, then the imaginary
 * part. Channel tap * colours + colour at a pixel is the colour at column + tap - (taps - 1) / 2, so that the stem reads
 * no other column. Slots of unused positions are zero.
 */
export function packImages(network: Network, circuit: Circuit, images: readonly Tensor[]): SlotValues {
  const { positions, imaginary } = circuit.packing;
  if (images.length > positions * (imaginary ? 2 : 1)) {
    throw new RangeError(`the circuit holds ${positions * (imaginary ? 2 : 1)} images, found ${images.length}`);
  }
  const parts = [new Float64Array(circuit.slots), new Float64Array(imaginary ? circuit.slots : 0)] as const;
  for (const [index, image] of images.entries()) {
    placeImage(network, circuit, image, index % positions, index < positions ? parts[0] : parts[1]);
  }
  return imaginary ? { real: parts[0], imaginary: parts[1] } : { real: parts[0] };
}

function placeImage(network: Network, circuit: Circuit, image: Tensor, position: number, slots: Float64Array): void {
  const [colours, height, width] = network.input.shape;
  const taps = kernelWidth(network.stem);
  const circular = network.stem.padding === 'circular-width';
  for (let tap = 0; tap < taps; tap++) {
    for (let colour = 0; colour < colours; colour++) {
      for (let column = 0; column < width; column++) {
        const shifted = column + tap - (taps - 1) / 2;
        const source = circular ? (shifted + width) % width : shifted;
        if (source < 0 || source >= width) {
          continue;
        }
        for (let row = 0; row < height; row++) {
          const slot = slotOf(circuit.input.layout, position, tap * colours + colour, row, column);
          slots[slot] = image.data[(colour * height + row) * width + source]!;
        }
      }
    }
  }
}

/**
 * The scores of each image from a decrypted result: either all slots of the circuit, or the slots of a smaller ring, of
 * which slot j holds the mean over all slots congruent to j. Of those the circuit leaves scores in every live column and
 * zeros in the gaps between them, so the mean is a known fraction of the score.
 */
export function unpackScores(circuit: Circuit, values: SlotValues, imageCount: number): Float64Array[] {
  const { layout } = circuit.output;
  const count = values.real.length;
  const needed = layout.images * layout.imageStride;
  if (circuit.slots % count !== 0 || count < needed) {
    throw new RangeError(`scores need a divisor of ${circuit.slots} slots, ${needed} at least, found ${count}`);
  }
  const fraction = count === circuit.slots ? 1 : Math.min(1, count / layout.columnStride);
  return Array.from({ length: imageCount }, (_, index) => {
    const { positions } = circuit.packing;
    const part = index < positions ? values.real : values.imaginary;
    if (part === undefined) {
      throw new RangeError('the result has no imaginary part, where the circuit keeps images');
    }
    return Float64Array.from(
      { length: layout.channels },
      (_, channel) => part[slotOf(layout, index % positions, channel, 0, 0)]! / fraction,
    );
  });
}
