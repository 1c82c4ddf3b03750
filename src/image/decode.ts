import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { decodeJpeg, isJpeg } from './jpeg.js';
import { decodePng, isPng } from './png.js';

/**
 * PNG or JPEG, told apart by the first bytes, as pixels [3, height, width], 0 to 255. `name` stands in messages.
 * Throws ERR_IMAGE_DECODE.
 */
export function decodeImage(bytes: Uint8Array, name: string): Tensor {
  if (isPng(bytes)) {
    return decodePng(bytes, name);
  }
  if (isJpeg(bytes)) {
    return decodeJpeg(bytes, name);
  }
  throw new FheError(
    'ERR_IMAGE_DECODE',
    bytes.length === 0 ? `${name}: the file is empty` : `${name}: not an image, expected a PNG or JPEG file`,
  );
}
