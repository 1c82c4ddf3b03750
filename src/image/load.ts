import { readFile, stat } from 'node:fs/promises';
import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { decodeImage } from './decode.js';
import { resizeToSquare } from './resize.js';

export interface LoadImageOptions {
  /** Height and width of the pictures that the network takes. */
  readonly side: number;
  /** Accept any size: crop the middle square and average it to side x side. */
  readonly resize?: boolean | undefined;
}

/**
 * Reads a PNG or JPEG file as pixels [3, side, side], 0 to 255.
 * Throws ERR_FILE when it can't be read, ERR_IMAGE_DECODE, and ERR_IMAGE_SHAPE for another size without `resize`.
 */
export async function loadImage(path: string, options: LoadImageOptions): Promise<Tensor> {
  const { side } = options;
  const pixels = decodeImage(await readImageFile(path), path);
  const [, height, width] = pixels.shape as [number, number, number];
  if (height === side && width === side) {
    return pixels;
  }
  if (options.resize !== true) {
    throw new FheError(
      'ERR_IMAGE_SHAPE',
      `${path}: the network takes ${side} x ${side} pixels, found ${width} x ${height}; ` +
        `--resize crops the middle square and averages it to ${side} x ${side}`,
    );
  }
  return resizeToSquare(pixels, side);
}

/** More than any image of `maximumPixels` takes, uncompressed. */
const maximumFileBytes = 2 ** 27;

async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maximumFileBytes) {
      throw new FheError('ERR_IMAGE_DECODE', `${path}: ${size} bytes; at most ${maximumFileBytes} are read`);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof FheError) {
      throw cause;
    }
    const code = (cause as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'a folder, expected an image file'
          : `can't be read (${code})`;
    throw new FheError('ERR_FILE', `${path}: ${reason}`, { cause });
  }
}
