import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { damagedPng, type PngHeader } from './png-chunks.js';

export interface PngLines {
  /** The filtered lines of all passes: as many bytes as the picture's size takes. */
  readonly lines: Buffer;
  /** Whether the file has more than that. */
  readonly surplus: boolean;
}

/**
 * Inflates the image data to the length that the header asks for and no further, so that a decoder neither lacks data nor
 * allocates more than the declared size takes. Throws ERR_IMAGE_DECODE: damaged, or too short.
 */
export async function inflateLines(parts: readonly Buffer[], header: PngHeader, name: string): Promise<PngLines> {
  const lines = Buffer.alloc(lineBytes(header));
  const inflate = Readable.from(parts).pipe(createInflate());
  let found = 0;
  let surplus = false;
  try {
    for await (const block of inflate as AsyncIterable<Buffer>) {
      const taken = block.copy(lines, found);
      found += taken;
      if (taken < block.length) {
        surplus = true;
        break;
      }
    }
  } catch (cause) {
    throw damagedPng(name, "its data can't be decoded", cause);
  }
  if (found < lines.length) {
    throw damagedPng(name, `its size takes ${lines.length} bytes of data, found ${found}`);
  }
  const compressed = parts.reduce((sum, part) => sum + part.length, 0);
  return { lines, surplus: surplus || inflate.bytesWritten < compressed };
}

/** Samples of a pixel by colour type: grey, RGB, palette, grey with alpha, RGB with alpha. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** First column and row of a pass, and its steps. */
interface Pass {
  readonly left: number;
  readonly top: number;
  readonly across: number;
  readonly down: number;
}

const wholePicture: readonly Pass[] = [{ left: 0, top: 0, across: 1, down: 1 }];

/** W3C PNG specification, section 8.2. */
const adam7: readonly Pass[] = [
  { left: 0, top: 0, across: 8, down: 8 },
  { left: 4, top: 0, across: 8, down: 8 },
  { left: 0, top: 4, across: 4, down: 8 },
  { left: 2, top: 0, across: 4, down: 4 },
  { left: 0, top: 2, across: 2, down: 4 },
  { left: 1, top: 0, across: 2, down: 2 },
  { left: 0, top: 1, across: 1, down: 2 },
];

/** Every line of a pass begins with the byte that names its filter; passes without a column have no lines. */
function lineBytes({ width, height, depth, colourType, interlaced }: PngHeader): number {
  const bits = depth * samplesOf[colourType]!;
  return (interlaced ? adam7 : wholePicture).reduce((sum, { left, top, across, down }) => {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    return columns < 1 || rows < 1 ? sum : sum + rows * (1 + Math.ceil((columns * bits) / 8));
  }, 0);
}
