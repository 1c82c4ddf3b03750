import { FheError } from '../errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

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

/**
 * Interleaved RGBA bytes as a tensor [3, height, width] of values 0 to 255.
 * Throws ERR_IMAGE_DECODE unless every pixel is opaque: what is behind a transparent pixel is not in the file.
 */
export function opaquePixels(name: string, width: number, height: number, rgba: Uint8Array): Tensor {
  const plane = width * height;
  const pixels = tensor([3, height, width]);
  for (let i = 0; i < plane; i++) {
    if (rgba[4 * i + 3] !== 255) {
      throw new FheError(
        'ERR_IMAGE_DECODE',
        `${name}: the image is transparent at row ${Math.floor(i / width)}, column ${i % width}; ` +
          'only opaque images are read, flatten it onto a background first',
      );
    }
    for (let channel = 0; channel < 3; channel++) {
      pixels.data[channel * plane + i] = rgba[4 * i + channel]!;
    }
  }
  return pixels;
}
