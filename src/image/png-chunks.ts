import { crc32 } from 'node:zlib';
import { FheError } from '../errors.js';

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
}

/** The header chunk (IHDR), without the compression and filter methods, of which there is one each. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample, or a palette's index. */
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

export interface PngChunks {
  readonly header: PngHeader;
  /** All of them, up to and without the end chunk (IEND). */
  readonly chunks: readonly PngChunk[];
  /** After the end chunk. */
  readonly trailingBytes: number;
}

/** Chunks without which a picture can't be decoded; others that a reader does not know it must refuse. */
const criticalChunks = ['IHDR', 'PLTE', 'IDAT'];

/**
 * Chunks (length, type, data, check sum) up to the end chunk. Throws ERR_IMAGE_DECODE: truncated, a wrong check sum, no
 * header in front or several, an unknown chunk that is needed for decoding (W3C PNG specification, section 5).
 */
export function readPngChunks(view: Buffer, name: string): PngChunks {
  const chunks: PngChunk[] = [];
  let offset = pngSignature.length;
  while (offset + 12 <= view.length) {
    const end = offset + 12 + view.readUInt32BE(offset);
    if (end > view.length) {
      break;
    }
    const type = view.toString('latin1', offset + 4, offset + 8);
    if (crc32(view.subarray(offset + 4, end - 4)) !== view.readUInt32BE(end - 4)) {
      throw damagedPng(name, `the check sum of ${JSON.stringify(type)} at byte ${offset} does not fit`);
    }
    if (type === 'IEND') {
      return { header: readHeader(chunks, name), chunks, trailingBytes: view.length - end };
    }
    if (isCritical(type) && !criticalChunks.includes(type)) {
      throw damagedPng(name, `the chunk ${JSON.stringify(type)} at byte ${offset} is not known`);
    }
    chunks.push({ type, data: view.subarray(offset + 8, end - 4) });
    offset = end;
  }
  throw new FheError('ERR_IMAGE_DECODE', `${name}: truncated PNG, ${view.length} bytes without the end chunk (IEND)`);
}

/** Bits a sample that there are with each colour type (W3C PNG specification, table 11.1). */
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** By the case of the first letter. */
function isCritical(type: string): boolean {
  return (type.charCodeAt(0) & 0x20) === 0;
}

function readHeader(chunks: readonly PngChunk[], name: string): PngHeader {
  const [first, ...others] = chunks;
  if (first?.type !== 'IHDR' || first.data.length !== 13) {
    throw damagedPng(name, 'the first chunk must be a header (IHDR)');
  }
  if (others.some(({ type }) => type === 'IHDR')) {
    throw damagedPng(name, 'it has more than one header (IHDR)');
  }
  const header = {
    width: first.data.readUInt32BE(0),
    height: first.data.readUInt32BE(4),
    depth: first.data.readUInt8(8),
    colourType: first.data.readUInt8(9),
    interlaced: first.data.readUInt8(12) === 1,
  };
  const { depth, colourType } = header;
  if (depthsOf[colourType]?.includes(depth) !== true || first.data.readUInt8(12) > 1) {
    throw damagedPng(name, `its header (IHDR) says ${first.data.toString('hex', 8)}, which is no kind of PNG`);
  }
  return header;
}

export function damagedPng(name: string, reason: string, cause?: unknown): FheError {
  return new FheError('ERR_IMAGE_DECODE', `${name}: damaged PNG, ${reason}`, { cause });
}
