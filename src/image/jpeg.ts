import libjpegTurbo, { type JpegModule } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import { FheError } from '../errors.js';
import { type JpegHeader, readJpegHeader } from './jpeg-header.js';
import { exifOrientation, upright } from './orientation.js';
import { checkExtent, type Raster } from './raster.js';

/**
 * JPEG of one (grey) or three components (YCbCr, or RGB where an Adobe marker or the components' names say so), Huffman or
 * arithmetic coding, sequential or progressive. Colour profiles are ignored.
 * Throws ERR_IMAGE_DECODE: truncated, huge declared size, CMYK, other than 8 bits a sample, unsupported coding, damaged.
 */
export async function decodeJpeg(bytes: Uint8Array, name: string): Promise<Raster> {
  const header = readJpegHeader(bytes, name);
  checkHeader(header, name);
  const orientation = header.exif === undefined ? upright : exifOrientation(header.exif);
  return { ...(await decodeSamples(bytes, header, name)), orientation };
}

/** A scan goes over the whole picture: without a limit a small file takes hours. */
const maximumScans = 100;

function checkHeader({ frameType, precision, width, height, components, scans }: JpegHeader, name: string): void {
  checkExtent(name, width, height);
  // Sequential and progressive, with Huffman coding (0 to 2) or arithmetic coding (9, 10): ITU-T T.81, table B.1.
  if (![0, 1, 2, 9, 10].includes(frameType)) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: JPEG of an unsupported coding (frame type ${frameType}); save it as baseline JPEG`,
    );
  }
  if (precision !== 8) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: JPEG with ${precision} bits a sample; save it with 8 bits a sample`,
    );
  }
  if (components === 4) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: CMYK JPEG; save it as RGB`);
  }
  if (components !== 1 && components !== 3) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: JPEG with ${components} components; 1 (grey) or 3 (colour) are read`,
    );
  }
  if (scans > maximumScans) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: JPEG with ${scans} scans; at most ${maximumScans} are read`);
  }
}

let shared: Promise<JpegModule> | undefined;

async function decodeSamples(
  bytes: Uint8Array,
  header: JpegHeader,
  name: string,
): Promise<Omit<Raster, 'orientation'>> {
  const decoderModule = await takeModule();
  const { HEAPU8: memoryBefore } = decoderModule;
  const decoder = new decoderModule.JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
  } catch (cause) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, its data can't be decoded`, { cause });
  }
  const { width, height, componentCount } = decoder.getFrameInfo();
  if (width !== header.width || height !== header.height) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, it declares two sizes`);
  }
  const data = decoder.getDecodedBuffer().slice();
  decoder.delete();
  if (decoderModule.HEAPU8.length === memoryBefore.length) {
    shared = Promise.resolve(decoderModule);
  }
  return { width, height, channels: componentCount, data };
}

/**
 * The instance that the picture before left, else a new one. One that failed, or that a large picture made grow, is not
 * left: its memory goes with it.
 */
function takeModule(): Promise<JpegModule> {
  const taken = shared ?? libjpegTurbo();
  shared = undefined;
  return taken;
}
