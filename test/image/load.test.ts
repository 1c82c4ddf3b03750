import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadImage } from '../../src/image/load.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

test('a picture of the right size is read as it is', async () => {
  const pixels = await loadImage(fixture('rgb.png'), { shape: [3, 32, 32] });
  expect(pixels.shape).toEqual([3, 32, 32]);
  expect(pixels.data[1]).toBe(8);
});

test('another size is refused with the option that accepts it', async () => {
  const path = fixture('wide.png');
  expect(await describeError(() => loadImage(path, { shape: [3, 32, 32] }))).toBe(
    `ERR_IMAGE_SHAPE ${path}: the network takes 32 x 32 pixels, found 64 x 48; ` +
      '--resize crops the middle square and averages it to 32 x 32',
  );
});

test('resizing crops the middle square and averages', async () => {
  const pixels = await loadImage(fixture('wide.png'), { shape: [3, 24, 24], resize: true });
  expect(pixels.shape).toEqual([3, 24, 24]);
  // 64 x 48, red = column, green = row: the square begins at column 8, and 2 x 2 pixels become one.
  expect([pixels.data[0], pixels.data[24 * 24], pixels.data[2 * 24 * 24]]).toEqual([8.5, 0.5, 100]);
});

test('a missing file and a folder are named', async () => {
  expect(await describeError(() => loadImage('/nowhere/cat.png', { shape: [3, 32, 32] }))).toBe(
    'ERR_FILE /nowhere/cat.png: no such file',
  );
  expect(await describeError(() => loadImage(fixture(''), { shape: [3, 32, 32] }))).toMatch(
    /^ERR_FILE .*: a folder, expected an image file$/,
  );
});

test('a file larger than any image is not read', async () => {
  const path = join(await temporaryFolder(), 'disk.img');
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
  expect(await describeError(() => loadImage(path, { shape: [3, 32, 32] }))).toBe(
    `ERR_FILE ${path}: 1.10 TB or more; at most 134.2 MB are read`,
  );
});
