import { PNG } from 'pngjs';
import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkExtent, opaquePixels } from './pixels.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/**
 * PNG of 8 bits a sample or fewer as pixels [3, height, width], 0 to 255. Grey is replicated to the three channels, a
 * palette is looked up; colour profiles and gamma are ignored.
 * Throws ERR_IMAGE_DECODE: truncated, huge declared size, 16 bits a sample, transparent pixels, damaged.
 */
export function decodePng(bytes: Uint8Array, name: string): Tensor {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkChunks(view, name);
  if (view.readUInt32BE(8) !== 13 || view.toString('latin1', 12, 16) !== 'IHDR') {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged PNG, the first chunk must be a header (IHDR)`);
  }
  checkExtent(name, view.readUInt32BE(16), view.readUInt32BE(20));
  if (view[24] === 16) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: PNG with 16 bits a sample; save it with 8 bits a sample`);
  }

  let decoded: { width: number; height: number; data: Buffer };
  try {
    decoded = PNG.sync.read(view, { checkCRC: true });
  } catch (cause) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged PNG, its data can't be decoded`, { cause });
  }
  return opaquePixels(name, decoded.width, decoded.height, decoded.data);
}

/** Walks the chunks (length, type, data, check sum) up to the end chunk (IEND). */
function checkChunks(view: Buffer, name: string): void {
  let offset = signature.length;
  while (offset + 12 <= view.length) {
    const end = offset + 12 + view.readUInt32BE(offset);
    if (end > view.length) {
      break;
    }
    if (view.toString('latin1', offset + 4, offset + 8) === 'IEND') {
      return;
    }
    offset = end;
  }
  throw new FheError('ERR_IMAGE_DECODE', `${name}: truncated PNG, ${view.length} bytes without the end chunk (IEND)`);
}
