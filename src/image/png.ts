import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { FheError } from '../errors.js';
import { exifOrientation, upright } from './orientation.js';
import { damagedPng, type PngChunk, type PngHeader, pngSignature, readPngChunks } from './png-chunks.js';
import { inflateLines } from './png-data.js';
import { checkExtent, type Raster } from './raster.js';

export function isPng(bytes: Uint8Array): boolean {
  return pngSignature.every((byte, index) => bytes[index] === byte);
}

/**
 * PNG of 8 bits a sample or fewer; colour profiles and gamma are ignored. `onNotice` is told what is there beyond the
 * picture, which is passed over as other readers do.
 * Throws ERR_IMAGE_DECODE: truncated, huge declared size, 16 bits a sample, transparent pixels, damaged.
 */
export async function decodePng(bytes: Uint8Array, name: string, onNotice: (text: string) => void): Promise<Raster> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, chunks, trailingBytes } = readPngChunks(view, name);
  const { width, height } = header;
  checkExtent(name, width, height);
  if (header.depth === 16) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: PNG with 16 bits a sample; save it with 8 bits a sample`);
  }
  if (trailingBytes > 0) {
    onNotice(`${name}: ${trailingBytes} bytes after the end of the picture are passed over`);
  }
  const ofType = (type: string): readonly PngChunk[] => chunks.filter((chunk) => chunk.type === type);
  const data = await checkedData(ofType('IDAT'), header, name, onNotice);
  const needed = [...ofType('IHDR'), ...ofType('PLTE').slice(0, 1), ...ofType('tRNS').slice(0, 1), ...data];
  const rgba = decodeChunks(needed, name);
  checkOpaque(rgba, width, name);
  const [exif] = ofType('eXIf');
  const orientation = exif === undefined ? upright : exifOrientation(exif.data);
  return { width, height, channels: 4, data: rgba, orientation };
}

/** Image data of exactly the length that the size takes: that of the file, or its beginning where it has more. */
async function checkedData(
  chunks: readonly PngChunk[],
  header: PngHeader,
  name: string,
  onNotice: (text: string) => void,
): Promise<readonly PngChunk[]> {
  const parts = chunks.map(({ data }) => data);
  const { lines, surplus } = await inflateLines(parts, header, name);
  if (!surplus) {
    return chunks;
  }
  onNotice(`${name}: the file has more data than the picture's size takes; the rest is passed over`);
  return [{ type: 'IDAT', data: deflateSync(lines, { level: 0 }) }];
}

/** RGBA of a PNG that has these chunks and its end, whatever else the file had. */
function decodeChunks(chunks: readonly PngChunk[], name: string): Buffer {
  const parts = [...chunks, { type: 'IEND', data: Buffer.alloc(0) }].flatMap(encodeChunk);
  try {
    return PNG.sync.read(Buffer.concat([Buffer.from(pngSignature), ...parts])).data;
  } catch (cause) {
    throw damagedPng(name, "its data can't be decoded", cause);
  }
}

function encodeChunk({ type, data }: PngChunk): Buffer[] {
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(data.length);
  prefix.write(type, 4, 'latin1');
  const checkSum = Buffer.alloc(4);
  checkSum.writeUInt32BE(crc32(data, crc32(prefix.subarray(4))));
  return [prefix, data, checkSum];
}

/** What is behind a transparent pixel is not in the file. */
function checkOpaque(rgba: Uint8Array, width: number, name: string): void {
  for (let i = 0; 4 * i < rgba.length; i++) {
    if (rgba[4 * i + 3] !== 255) {
      throw new FheError(
        'ERR_IMAGE_DECODE',
        `${name}: the image is transparent at row ${Math.floor(i / width)}, column ${i % width}; ` +
          'only opaque images are read, flatten it onto a background first',
      );
    }
  }
}
