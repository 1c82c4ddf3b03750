import { FheError } from '../errors.js';

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** What a JPEG file says of itself before and between its scans. */
export interface JpegHeader {
  /** N of the frame marker SOF_N. */
  readonly frameType: number;
  /** Bits a sample. */
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly scans: number;
  /** A TIFF header and what follows it. */
  readonly exif: Uint8Array | undefined;
}

/** Marker codes of ITU-T T.81, table B.1. */
const marker = {
  temporary: 0x01,
  firstFrame: 0xc0,
  huffmanTables: 0xc4,
  extension: 0xc8,
  arithmeticConditioning: 0xcc,
  lastFrame: 0xcf,
  firstRestart: 0xd0,
  lastRestart: 0xd7,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  application1: 0xe1,
};

const exifIdentifier = Buffer.from('Exif\0\0', 'latin1');

/**
 * Walks the segments to the end of the image, as a decoder does: between them, and within a scan, everything is passed
 * over that is no marker (0xff followed by 0x00, 0xff or a restart marker is none).
 * Throws ERR_IMAGE_DECODE: truncated, no frame header or several.
 */
export function readJpegHeader(bytes: Uint8Array, name: string): JpegHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Omit<JpegHeader, 'scans' | 'exif'> | undefined;
  let exif: Uint8Array | undefined;
  let scans = 0;
  let offset = 2;
  for (;;) {
    offset = view.indexOf(0xff, offset);
    if (offset < 0 || offset + 2 > view.length) {
      break;
    }
    const code = view.readUInt8(offset + 1);
    if (standsAlone(code)) {
      offset += 1;
      continue;
    }
    if (code === marker.endOfImage) {
      if (frame === undefined) {
        throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, it has no frame header`);
      }
      return { ...frame, scans, exif };
    }
    if (offset + 4 > view.length) {
      break;
    }
    const length = view.readUInt16BE(offset + 2);
    const segment = view.subarray(offset + 4, offset + 2 + length);
    if (isFrame(code) && segment.length >= 6) {
      if (frame !== undefined) {
        throw new FheError('ERR_IMAGE_DECODE', `${name}: damaged JPEG, it has more than one frame header`);
      }
      frame = {
        frameType: code - marker.firstFrame,
        precision: segment.readUInt8(0),
        height: segment.readUInt16BE(1),
        width: segment.readUInt16BE(3),
        components: segment.readUInt8(5),
      };
    } else if (code === marker.startOfScan) {
      scans += 1;
    } else if (code === marker.application1 && segment.subarray(0, exifIdentifier.length).equals(exifIdentifier)) {
      exif ??= segment.subarray(exifIdentifier.length);
    }
    offset += 2 + length;
  }
  throw new FheError('ERR_IMAGE_DECODE', `${name}: truncated JPEG, ${view.length} bytes without the end marker`);
}

/** No marker, or one without a length. */
function standsAlone(code: number): boolean {
  return (
    code === 0x00 ||
    code === 0xff ||
    code === marker.temporary ||
    (code >= marker.firstRestart && code <= marker.lastRestart)
  );
}

function isFrame(code: number): boolean {
  return (
    code >= marker.firstFrame &&
    code <= marker.lastFrame &&
    code !== marker.huffmanTables &&
    code !== marker.extension &&
    code !== marker.arithmeticConditioning
  );
}
