import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import type { Tensor } from '../tensor/tensor.js';
import { decodeImage } from './decode.js';
import { displayedExtent, rasterPixels } from './raster.js';
import { resizeToSquare } from './resize.js';

export interface LoadImageOptions {
  /** Height and width of the pictures that the network takes. */
  readonly side: number;
  /** Accept any size: crop the middle square and average it to side x side. */
  readonly resize?: boolean | undefined;
  /** Told what of a file was passed over. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** More than any image of `maximumPixels` takes, uncompressed. */
const maximumFileBytes = 2 ** 27;

/**
 * Reads a PNG or JPEG file, or with the path `-` standard input, as pixels [3, side, side], 0 to 255, turned as its Exif
 * data says. Throws ERR_FILE or ERR_USAGE as `readInputFile`, ERR_IMAGE_DECODE, and ERR_IMAGE_SHAPE for another size
 * without `resize`.
 */
export async function loadImage(path: string, options: LoadImageOptions): Promise<Tensor> {
  const { side } = options;
  const bytes = await readInputFile(path, { expected: 'an image file', maximumBytes: maximumFileBytes });
  const raster = await decodeImage(bytes, path, options.onNotice);
  const { width, height } = displayedExtent(raster);
  if (height === side && width === side) {
    return rasterPixels(raster);
  }
  if (options.resize !== true) {
    throw new FheError(
      'ERR_IMAGE_SHAPE',
      `${path}: the network takes ${side} x ${side} pixels, found ${width} x ${height}; ` +
        `--resize crops the middle square and averages it to ${side} x ${side}`,
    );
  }
  return resizeToSquare(raster, side);
}
