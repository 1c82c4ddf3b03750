import { readFile } from 'node:fs/promises';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/image/decode.js';
import { rasterPixels } from '../../src/image/raster.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { describeError } from '../support/errors.js';

// The fixtures were written by Pillow. Colour: red = 8 column, green = 8 row, blue = 4 (column + row); grey = blue.
const fixture = (name: string): Promise<Buffer> => readFile(new URL(`fixtures/${name}`, import.meta.url));
const decode = async (name: string): Promise<Tensor> => rasterPixels(await decodeImage(await fixture(name), name));

const colour = [
  (row: number, column: number) => 8 * column + 0 * row,
  (row: number, column: number) => 8 * row + 0 * column,
  (row: number, column: number) => 4 * (column + row),
];
const grey = colour.map(() => (row: number, column: number) => 4 * (column + row));

function expectPixels(
  pixels: Tensor,
  expected: readonly ((row: number, column: number) => number)[],
  tolerance: number,
): void {
  expect(pixels.shape).toEqual([3, 32, 32]);
  let largest = 0;
  for (let i = 0; i < pixels.data.length; i++) {
    const value = expected[Math.floor(i / 1024)]!(Math.floor(i / 32) % 32, i % 32);
    largest = Math.max(largest, Math.abs(pixels.data[i]! - value));
  }
  expect(largest).toBeLessThanOrEqual(tolerance);
}

describe('PNG', () => {
  test('colour, exactly', async () => expectPixels(await decode('rgb.png'), colour, 0));
  test('grey is replicated', async () => expectPixels(await decode('grey.png'), grey, 0));
  test('a fully opaque alpha channel is accepted', async () =>
    expectPixels(await decode('opaque-alpha.png'), colour, 0));
  test('a palette is looked up', async () => {
    const index = (row: number, column: number) => Math.floor(column / 8) + 4 * Math.floor(row / 8);
    const palette = [
      (row: number, column: number) => 4 * index(row, column),
      (row: number, column: number) => 255 - 4 * index(row, column),
      index,
    ];
    expectPixels(await decode('palette.png'), palette, 0);
  });
});

describe('JPEG', () => {
  test('baseline colour', async () => expectPixels(await decode('rgb.jpg'), colour, 5));
  test('progressive', async () => expectPixels(await decode('progressive.jpg'), colour, 5));
  test('grey is replicated', async () => expectPixels(await decode('grey.jpg'), grey, 3));
  test('subsampled colour', async () => expectPixels(await decode('subsampled.jpg'), colour, 16));
});

/** Largest difference from rows of 32 pixels of what Pillow made of the same picture, from the `index`-th 32 rows on. */
async function differenceFromPillow(pixels: Tensor, expected: string, index: number): Promise<number> {
  const { data } = PNG.sync.read(await fixture(expected));
  let largest = 0;
  for (let i = 0; i < 1024; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = data[4 * (1024 * index + i) + channel]!;
      largest = Math.max(largest, Math.abs(pixels.data[1024 * channel + i]! - value));
    }
  }
  return largest;
}

describe('JPEG as Pillow reads it', () => {
  // Written by Pillow 13 and cjpeg of libjpeg-turbo 2.1; jpeg-by-pillow.png has what Pillow reads, one below the other.
  test.each(
    [
      ['RGB by an Adobe marker', 'adobe-rgb.jpg'],
      ["RGB by the components' names alone", 'named-rgb.jpg'],
      ['grey, restarts that do not divide the rows', 'restart-grey.jpg'],
      ['progressive, restarts that do not divide the rows', 'restart-progressive.jpg'],
      ['a scan for each component, restarts that do not divide the rows', 'restart-separate-scans.jpg'],
      ['arithmetic coding', 'arithmetic.jpg'],
    ].map(([what, name], index) => ({ what, name: name!, index })),
  )('$what', async ({ name, index }) => {
    expect(await differenceFromPillow(await decode(name), 'jpeg-by-pillow.png', index)).toBeLessThanOrEqual(3);
  });
});

describe('interlaced PNG', () => {
  // Written by pnmtopng of Netpbm: red = 8 column, green = 8 row, blue = 255 - 4 (column + row), and tiles of 3 x 5 pixels.
  test('8 bits a sample', async () => {
    const blue = (row: number, column: number) => 255 - 4 * (column + row);
    expectPixels(await decode('interlaced.png'), [colour[0]!, colour[1]!, blue], 0);
  });
  test('1 bit a sample', async () => {
    const tile = (row: number, column: number) => 255 * ((Math.floor(column / 3) + Math.floor(row / 5)) % 2);
    expectPixels(await decode('interlaced-1-bit.png'), [tile, tile, tile], 0);
  });
});

describe('the Exif orientation', () => {
  // exif-by-pillow.png has what Pillow's ImageOps.exif_transpose makes of the picture for the values 1 to 8, one below the
  // other. The value is the 16-bit number that follows tag, type (3) and count (1).
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('%i', async (value) => {
    for (const [name, tolerance] of [
      ['exif.jpg', 5],
      ['exif.png', 0],
    ] as const) {
      const bytes = await fixture(name);
      const bigEndian = bytes.indexOf(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1]));
      expect(bigEndian).toBeGreaterThan(0);
      bytes.writeUInt16BE(value, bigEndian + 8);
      const pixels = rasterPixels(await decodeImage(name === 'exif.png' ? withCheckSums(bytes) : bytes, name));
      expect(await differenceFromPillow(pixels, 'exif-by-pillow.png', value - 1), name).toBeLessThanOrEqual(tolerance);
    }
  });

  test.each([0, 9, 65_535])('%i is none, the picture stays as it is', async (value) => {
    const bytes = await fixture('exif.jpg');
    bytes.writeUInt16BE(value, bytes.indexOf(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1])) + 8);
    const pixels = rasterPixels(await decodeImage(bytes, 'picture'));
    expect(await differenceFromPillow(pixels, 'exif-by-pillow.png', 0)).toBeLessThanOrEqual(5);
  });
});

/** Chunks of a PNG as [type, data]. */
function chunksOf(png: Buffer): [string, Buffer][] {
  const chunks: [string, Buffer][] = [];
  for (let offset = 8; offset < png.length; offset += 12 + png.readUInt32BE(offset)) {
    const start = offset + 8;
    chunks.push([png.toString('latin1', offset + 4, start), png.subarray(start, start + png.readUInt32BE(offset))]);
  }
  return chunks;
}

function pngOf(chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = chunks.map(([type, data]) => {
    const chunk = Buffer.alloc(12 + data.length);
    chunk.writeUInt32BE(data.length);
    chunk.write(type, 4, 'latin1');
    data.copy(chunk, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), 8 + data.length);
    return chunk;
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

const withCheckSums = (png: Buffer): Buffer => pngOf(chunksOf(png));

/** With other image data; the lines of rgb.png are 32 times a filter and 96 bytes. */
const withData = async (change: (lines: Buffer) => Buffer): Promise<Buffer> =>
  pngOf(
    chunksOf(await fixture('rgb.png')).map(([type, data]) => [
      type,
      type === 'IDAT' ? deflateSync(change(inflateSync(data))) : data,
    ]),
  );

describe('PNG with more than a picture is read, and says so', () => {
  test.each([
    [
      'bytes after the end',
      async () => Buffer.concat([await fixture('rgb.png'), Buffer.alloc(700)]),
      /: 700 bytes after/,
    ],
    ['one byte more data', () => withData((lines) => Buffer.concat([lines, Buffer.of(0)])), /more data than/],
    ['much more data', () => withData((lines) => Buffer.concat([lines, Buffer.alloc(2 ** 26)])), /more data than/],
    [
      'bytes after the compressed data',
      async () =>
        pngOf(
          chunksOf(await fixture('rgb.png')).map(([type, data]) => [
            type,
            type === 'IDAT' ? Buffer.concat([data, Buffer.of(1, 2, 3)]) : data,
          ]),
        ),
      /more data than/,
    ],
  ])('%s', async (_, make, expected) => {
    const notices: string[] = [];
    const raster = await decodeImage(await make(), 'picture', (text) => notices.push(text));
    expectPixels(rasterPixels(raster), colour, 0);
    expect(notices).toEqual([expect.stringMatching(expected)]);
  });
});

describe('refused, each with its own message', () => {
  const refusal = (bytes: Uint8Array) => describeError(() => decodeImage(bytes, 'picture'));

  test('empty', async () => {
    expect(await refusal(new Uint8Array())).toBe('ERR_IMAGE_DECODE picture: the file is empty');
  });
  test('not an image', async () => {
    expect(await refusal(Buffer.from('no picture'))).toBe(
      'ERR_IMAGE_DECODE picture: not an image, expected a PNG or JPEG file',
    );
  });
  test.each([
    ['other.webp', 'a WebP picture'],
    ['other.gif', 'a GIF picture'],
    ['other.avif', 'an AVIF picture'],
  ])('another format, by its name: %s', async (name, format) => {
    expect(await refusal(await fixture(name))).toBe(
      `ERR_IMAGE_DECODE picture: ${format}, which is not read; save it as PNG or JPEG`,
    );
  });
  test('PNG with 16 bits a sample', async () => {
    expect(await refusal(await fixture('sixteen-bit.png'))).toMatch(/^ERR_IMAGE_DECODE picture: PNG with 16 bits/);
  });
  test('transparent pixels, with their place', async () => {
    expect(await refusal(await fixture('transparent.png'))).toMatch(/transparent at row 3, column 7;/);
  });
  test('CMYK', async () => {
    expect(await refusal(await fixture('cmyk.jpg'))).toBe('ERR_IMAGE_DECODE picture: CMYK JPEG; save it as RGB');
  });

  test.each(['rgb.png', 'rgb.jpg', 'progressive.jpg'])('%s cut at any byte', async (name) => {
    const bytes = await fixture(name);
    for (let length = 8; length < bytes.length; length++) {
      expect(await refusal(bytes.subarray(0, length))).toMatch(/^ERR_IMAGE_DECODE picture: truncated (PNG|JPEG)/);
    }
  });

  test('PNG with damaged pixel data', async () => {
    const bytes = await fixture('rgb.png');
    bytes[60]! ^= 1;
    expect(await refusal(bytes)).toBe(
      'ERR_IMAGE_DECODE picture: damaged PNG, the check sum of "IDAT" at byte 33 does not fit',
    );
    expect(await refusal(withCheckSums(bytes))).toBe(
      "ERR_IMAGE_DECODE picture: damaged PNG, its data can't be decoded",
    );
  });
  test.each([32, 512])('PNG of %i x %i pixels whose data ends early', async (side) => {
    const [, ...rest] = chunksOf(await withData((lines) => lines.subarray(0, 97 * 16)));
    const header = Buffer.from([0, 0, side >> 8, side & 255, 0, 0, side >> 8, side & 255, 8, 2, 0, 0, 0]);
    expect(await refusal(pngOf([['IHDR', header], ...rest]))).toBe(
      `ERR_IMAGE_DECODE picture: damaged PNG, its size takes ${side * (3 * side + 1)} bytes of data, found 1552`,
    );
  });
  test('PNG with a second header, of a huge size', async () => {
    const [header, ...rest] = chunksOf(await fixture('rgb.png'));
    const huge = Buffer.from(header![1]);
    huge.writeUInt32BE(60_000, 0);
    huge.writeUInt32BE(60_000, 4);
    expect(await refusal(pngOf([header!, ['IHDR', huge], ...rest]))).toMatch(
      /damaged PNG, it has more than one header/,
    );
  });
  test('PNG with a critical chunk that nobody knows', async () => {
    const [header, ...rest] = chunksOf(await fixture('rgb.png'));
    expect(await refusal(pngOf([header!, ['CgBI', Buffer.alloc(4)], ...rest]))).toMatch(
      /"CgBI" at byte 33 is not known/,
    );
  });
  test('PNG of a colour type that there is not', async () => {
    const bytes = await fixture('rgb.png');
    bytes[25] = 5;
    expect(await refusal(withCheckSums(bytes))).toMatch(/damaged PNG, its header \(IHDR\) says 0805000000/);
  });
  test('JPEG with two frame headers', async () => {
    const bytes = await fixture('rgb.jpg');
    const start = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    const frame = Buffer.from(bytes.subarray(start, start + 2 + bytes.readUInt16BE(start + 2)));
    frame.writeUInt16BE(65_535, 5);
    frame.writeUInt16BE(65_535, 7);
    const twice = Buffer.concat([bytes.subarray(0, start), frame, bytes.subarray(start)]);
    expect(await refusal(twice)).toMatch(/declares 65535 x 65535|more than one frame header/);
    const after = Buffer.concat([bytes.subarray(0, -2), frame, bytes.subarray(-2)]);
    expect(await refusal(after)).toMatch(/damaged JPEG, it has more than one frame header/);
  });
  test('JPEG whose scans would take hours', async () => {
    const bytes = await fixture('progressive.jpg');
    const start = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scan = bytes.subarray(start, -2);
    const many = Buffer.concat([
      bytes.subarray(0, start),
      ...Array.from({ length: 2000 }, () => scan),
      bytes.subarray(-2),
    ]);
    expect(await refusal(many)).toMatch(/JPEG with 20\d\d scans; at most 100 are read/);
  });
  test('JPEG with damaged data; the next picture is read as if it had not been', async () => {
    const bytes = await fixture('rgb.jpg');
    bytes.fill(0xff, bytes.length - 60, bytes.length - 2);
    expect(await refusal(bytes)).toBe("ERR_IMAGE_DECODE picture: damaged JPEG, its data can't be decoded");
    expectPixels(await decode('rgb.jpg'), colour, 5);
  });
  test('PNG whose header is not the first chunk', async () => {
    const bytes = await fixture('rgb.png');
    bytes.write('tEXt', 12, 'latin1');
    expect(await refusal(withCheckSums(bytes))).toMatch(/damaged PNG, the first chunk must be a header/);
  });
  test('JPEG without a frame', async () => {
    expect(await refusal(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toMatch(/damaged JPEG, it has no frame header/);
  });
  test('JPEG of a lossless coding', async () => {
    const bytes = await fixture('rgb.jpg');
    bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc3;
    expect(await refusal(bytes)).toMatch(/unsupported coding \(frame type 3\)/);
  });
  test('JPEG with 12 bits a sample', async () => {
    const bytes = await fixture('rgb.jpg');
    bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + 4] = 12;
    expect(await refusal(bytes)).toMatch(/JPEG with 12 bits a sample/);
  });

  test('huge declared sizes, before anything is decoded', async () => {
    const png = await fixture('rgb.png');
    png.writeUInt32BE(100_000, 16);
    png.writeUInt32BE(100_000, 20);
    expect(await refusal(withCheckSums(png))).toMatch(/declares 100000 x 100000 pixels; at most 16777216 are read/);

    const jpeg = await fixture('rgb.jpg');
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(65_535, frame + 5);
    jpeg.writeUInt16BE(65_535, frame + 7);
    expect(await refusal(jpeg)).toMatch(/declares 65535 x 65535 pixels/);
  });
  test('an empty declared size', async () => {
    const png = await fixture('rgb.png');
    png.writeUInt32BE(0, 16);
    expect(await refusal(withCheckSums(png))).toMatch(/declares an empty size, 0 x 32/);
  });
});
