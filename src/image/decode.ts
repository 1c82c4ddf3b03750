import { FheError } from '../errors.js';
import { isJpeg } from './jpeg-header.js';
import { otherFormat } from './other-formats.js';
import { decodePng, isPng } from './png.js';
import type { Raster } from './raster.js';

/**
 * PNG or JPEG, told apart by the first bytes. `name` stands in messages; `onNotice` is told what was passed over.
 * Throws ERR_IMAGE_DECODE.
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  onNotice: (text: string) => void = () => {},
): Promise<Raster> {
  if (isPng(bytes)) {
    return decodePng(bytes, name, onNotice);
  }
  if (isJpeg(bytes)) {
    // The decoder is half a megabyte of WebAssembly.
    const { decodeJpeg } = await import('./jpeg.js');
    return decodeJpeg(bytes, name);
  }
  if (bytes.length === 0) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: the file is empty`);
  }
  const found = otherFormat(bytes);
  throw new FheError(
    'ERR_IMAGE_DECODE',
    found === undefined
      ? `${name}: not an image, expected a PNG or JPEG file`
      : `${name}: ${found}, which is not read; save it as PNG or JPEG`,
  );
}
