import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/image/decode.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { describeError } from '../support/errors.js';

// The fixtures were written by Pillow. Colour: red = 8 column, green = 8 row, blue = 4 (column + row); grey = blue.
const fixture = (name: string): Promise<Buffer> => readFile(new URL(`fixtures/${name}`, import.meta.url));
const decode = async (name: string): Promise<Tensor> => decodeImage(await fixture(name), name);

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

describe('refused, each with its own message', () => {
  const refusal = (bytes: Uint8Array) => describeError(() => decodeImage(bytes, 'picture'));

  test('empty', async () => {
    expect(await refusal(new Uint8Array())).toBe('ERR_IMAGE_DECODE picture: the file is empty');
  });
  test('not an image', async () => {
    expect(await refusal(Buffer.from('GIF89a'))).toBe(
      'ERR_IMAGE_DECODE picture: not an image, expected a PNG or JPEG file',
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
    expect(await refusal(bytes)).toBe("ERR_IMAGE_DECODE picture: damaged PNG, its data can't be decoded");
  });
  test('PNG whose header is not the first chunk', async () => {
    const bytes = await fixture('rgb.png');
    bytes.write('tEXt', 12, 'latin1');
    expect(await refusal(bytes)).toMatch(/damaged PNG, the first chunk must be a header/);
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
    expect(await refusal(png)).toMatch(/declares 100000 x 100000 pixels; at most 16777216 are read/);

    const jpeg = await fixture('rgb.jpg');
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(65_535, frame + 5);
    jpeg.writeUInt16BE(65_535, frame + 7);
    expect(await refusal(jpeg)).toMatch(/declares 65535 x 65535 pixels/);
  });
  test('an empty declared size', async () => {
    const png = await fixture('rgb.png');
    png.writeUInt32BE(0, 16);
    expect(await refusal(png)).toMatch(/declares an empty size, 0 x 32/);
  });

  test('PNG whose data inflates to more than its size', async () => {
    const png = await fixture('rgb.png');
    const bomb = deflateSync(Buffer.alloc(2 ** 26));
    const start = png.indexOf('IDAT') - 4;
    const header = png.subarray(0, start);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bomb.length);
    const end = png.subarray(png.indexOf('IEND') - 4);
    const forged = Buffer.concat([header, length, Buffer.from('IDAT'), bomb, Buffer.alloc(4), end]);
    expect(await refusal(forged)).toMatch(/damaged PNG/);
  });
});
