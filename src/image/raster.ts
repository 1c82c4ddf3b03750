import { FheError } from '../errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { displayed, type Orientation, upright } from './orientation.js';

/** A decoded picture as its file stores it, and how it is to be turned for display. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel: 1 (grey), 3 (RGB) or 4 (RGB and an alpha that is 255 everywhere). */
  readonly channels: 1 | 3 | 4;
  /** [height, width, channels], 8 bits a sample. */
  readonly data: Uint8Array;
  readonly orientation: Orientation;
}

/** Most pixels that an image may declare: 4096 x 4096. Checked before anything of that size is allocated. */
export const maximumPixels = 2 ** 24;

/** Throws ERR_IMAGE_DECODE when the declared extent is empty or above `maximumPixels`. */
export function checkExtent(name: string, width: number, height: number): void {
  if (width < 1 || height < 1) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: the image declares an empty size, ${width} x ${height}`);
  }
  if (width * height > maximumPixels) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: the image declares ${width} x ${height} pixels; at most ${maximumPixels} are read`,
    );
  }
}

/** Width and height as displayed. */
export function displayedExtent({ width, height, orientation }: Raster): { width: number; height: number } {
  return orientation.transposed ? { width: height, height: width } : { width, height };
}

/** The picture as displayed: pixels [3, height, width], 0 to 255; grey is replicated. */
export function rasterPixels(raster: Raster): Tensor {
  const { width, height, orientation } = raster;
  const plane = width * height;
  const pixels = tensor([3, height, width]);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels.data[channel * plane + i] = sampleAt(raster, i, channel);
    }
  }
  return orientation === upright ? pixels : displayed(pixels, orientation);
}

/** Red, green or blue (channel 0, 1, 2) of the pixel that is stored at `index`. */
export function sampleAt({ data, channels }: Raster, index: number, channel: number): number {
  return data[channels === 1 ? index : channels * index + channel]!;
}
