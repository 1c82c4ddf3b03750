import jpeg from 'jpeg-js';
import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkExtent, maximumPixels, opaquePixels } from './pixels.js';

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Baseline or progressive JPEG of one (grey, replicated) or three components as pixels [3, height, width], 0 to 255.
 * The EXIF orientation and colour profiles are ignored.
 * Throws ERR_IMAGE_DECODE: truncated, huge declared size, CMYK, other than 8 bits a sample, unsupported coding, damaged.
 */
export function decodeJpeg(bytes: Uint8Array, name: string): Tensor {
  const frame = readFrame(bytes, name);
  checkExtent(name, frame.width, frame.height);
  if (frame.precision !== 8) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: JPEG with ${frame.precision} bits a sample; save it with 8 bits a sample`,
    );
  }
  if (frame.components === 4) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: CMYK JPEG; save it as RGB`);
  }
  if (frame.components !== 1 && frame.components !== 3) {
    throw new FheError(
      'ERR_IMAGE_DECODE',
      `${name}: JPEG with ${frame.components} components; 1 (grey) or 3 (colour) are read`,
    );
  }

  let decoded: { width: number; height: number; data: Uint8Array };
  try {
    decoded = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: maximumPixels / 1e6,
      maxMemoryUsageInMB: 1024,
    });
  } catch (cause) {
    throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, its data can't be decoded`, { cause });
  }
  return opaquePixels(name, decoded.width, decoded.height, decoded.data);
}

interface Frame {
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** Marker codes of ITU-T T.81, table B.1. */
const marker = { baseline: 0xc0, progressive: 0xc2, huffman: 0xc4, extension: 0xc8, arithmetic: 0xcc, lastFrame: 0xcf };
const endOfImage = 0xd9;

/**
 * Walks the markers to the end of the image and returns the frame header. Entropy-coded data never holds 0xff followed
 * by anything but 0x00 or a restart marker (0xd0 to 0xd7), so the next other marker ends a scan.
 */
function readFrame(bytes: Uint8Array, name: string): Frame {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | undefined;
  let offset = 2;
  while (offset + 2 <= view.length) {
    const code = view[offset + 1];
    if (
      view[offset] !== 0xff ||
      code === undefined ||
      code === 0x00 ||
      code === 0xff ||
      (code >= 0xd0 && code <= 0xd7)
    ) {
      offset += 1;
      continue;
    }
    if (code === endOfImage) {
      if (frame === undefined) {
        throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, it has no frame header`);
      }
      return frame;
    }
    if (offset + 4 > view.length) {
      break;
    }
    if (isFrameHeader(code) && offset + 10 <= view.length) {
      if (code > marker.progressive) {
        throw new FheError(
          'ERR_IMAGE_DECODE',
          `${name}: JPEG of an unsupported coding (frame type ${code - marker.baseline}); save it as baseline JPEG`,
        );
      }
      frame = {
        precision: view.readUInt8(offset + 4),
        height: view.readUInt16BE(offset + 5),
        width: view.readUInt16BE(offset + 7),
        components: view.readUInt8(offset + 9),
      };
    }
    offset += 2 + view.readUInt16BE(offset + 2);
  }
  throw new FheError('ERR_IMAGE_DECODE', `${name}: truncated JPEG, ${view.length} bytes without the end marker`);
}

function isFrameHeader(code: number): boolean {
  const inRange = code >= marker.baseline && code <= marker.lastFrame;
  return inRange && code !== marker.huffman && code !== marker.extension && code !== marker.arithmetic;
}
