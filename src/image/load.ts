import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { decodeImage } from './decode.js';
import { displayedExtent, rasterPixels } from './raster.js';
import { resizeTo } from './resize.js';

/** Colours (1 or 3), height, width. */
export type PictureShape = readonly [colours: number, height: number, width: number];

export interface LoadImageOptions {
  /** Of the pictures that the network takes: one colour (grey) or three. */
  readonly shape: PictureShape;
  /** Accept any size: crop the middle and average it to the network's. */
  readonly resize?: boolean | undefined;
  /** Told what of a file was passed over. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** More than any image of `maximumPixels` takes, uncompressed. */
const maximumFileBytes = 2 ** 27;

/**
 * Reads a PNG or JPEG file, or with the path `-` standard input, as pixels of the shape, 0 to 255, turned as its Exif
 * data says; of colours, where the network takes grey, the luma. Throws ERR_FILE or ERR_USAGE as `readInputFile`, ERR_IMAGE_DECODE, and ERR_IMAGE_SHAPE for another size
 * without `resize`.
 */
export async function loadImage(path: string, options: LoadImageOptions): Promise<Tensor> {
  const [colours, rows, columns] = options.shape;
  const bytes = await readInputFile(path, { expected: 'an image file', maximumBytes: maximumFileBytes });
  const raster = await decodeImage(bytes, path, options.onNotice);
  const { width, height } = displayedExtent(raster);
  if (height === rows && width === columns) {
    return withColours(rasterPixels(raster), colours);
  }
  if (options.resize !== true) {
    const middle = rows === columns ? 'middle square' : 'middle';
    throw new FheError(
      'ERR_IMAGE_SHAPE',
      `${path}: the network takes ${columns} x ${rows} pixels, found ${width} x ${height}; ` +
        `--resize crops the ${middle} and averages it to ${columns} x ${rows}`,
    );
  }
  return withColours(resizeTo(raster, rows, columns), colours);
}

/** Shares of red, green and blue in the luma of ITU-R BT.601. */
const lumaShares = [0.299, 0.587, 0.114] as const;

/** Pixels [3, height, width] as they are, or their luma. */
function withColours(pixels: Tensor, colours: number): Tensor {
  if (colours === 3) {
    return pixels;
  }
  const [, height, width] = pixels.shape as [number, number, number];
  const plane = height * width;
  return tensor(
    [1, height, width],
    Float64Array.from({ length: plane }, (_, index) =>
      lumaShares.reduce((sum, share, colour) => sum + share * pixels.data[colour * plane + index]!, 0),
    ),
  );
}
