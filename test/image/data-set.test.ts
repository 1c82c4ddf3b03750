import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type DataSetListener, type LabelledImage, readDataSet } from '../../src/image/data-set.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

const shape = { classes: ['cat', 'dog'], picture: [3, 32, 32] as const };
const picture = fileURLToPath(new URL('fixtures/rgb.png', import.meta.url));

async function readAll(folder: string, listener: DataSetListener = {}): Promise<LabelledImage[]> {
  const images: LabelledImage[] = [];
  for await (const image of readDataSet(folder, shape, listener)) {
    images.push(image);
  }
  return images;
}

/** Records whose bytes are 0, 1, 2, ... modulo 256, after the label. */
function batch(...labels: number[]): Buffer {
  return Buffer.concat(labels.map((label) => Buffer.from([label, ...Array.from({ length: 3072 }, (_, i) => i % 256)])));
}

test('binary batches: label, then channel by channel', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'data_batch_2.bin'), batch(0));
  await writeFile(join(folder, 'data_batch_1.bin'), batch(1, 0));
  const images = await readAll(folder);
  expect(images.map(({ name, label }) => [name, label])).toEqual([
    ['data_batch_1.bin#0', 1],
    ['data_batch_1.bin#1', 0],
    ['data_batch_2.bin#0', 0],
  ]);
  expect(images[1]?.pixels.shape).toEqual([3, 32, 32]);
  expect(images[1]?.pixels.data).toEqual(Float64Array.from({ length: 3072 }, (_, i) => i % 256));
});

test('where there is a test batch, training batches are not read', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'data_batch_1.bin'), batch(1));
  await writeFile(join(folder, 'test_batch.bin'), batch(0));
  expect((await readAll(folder)).map(({ name }) => name)).toEqual(['test_batch.bin#0']);
});

test('a batch of another length or with a label beyond the classes is refused', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'test_batch.bin');
  await writeFile(path, batch(1).subarray(1));
  expect(await describeError(() => readAll(folder))).toBe(
    `ERR_DATA ${path}: a binary batch has 3073 bytes an image, found 3072 bytes`,
  );
  await writeFile(path, '');
  expect(await describeError(() => readAll(folder))).toMatch(/found 0 bytes/);
  await writeFile(path, batch(1, 2));
  expect(await describeError(() => readAll(folder))).toBe(`ERR_DATA ${path}: image 1 has label 2, expected 0 to 1`);
});

test('class folders take turns, so that the first images are balanced', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'dog'));
  await mkdir(join(folder, 'cat'));
  for (const name of ['cat/b.png', 'cat/a.png', 'dog/c.PNG', 'cat/c.png']) {
    await copyFile(picture, join(folder, name));
  }
  await writeFile(join(folder, 'cat', 'notes.txt'), 'passed over');
  const images = await readAll(folder);
  expect(images.map(({ name, label }) => [name, label])).toEqual([
    ['cat/a.png', 0],
    ['dog/c.PNG', 1],
    ['cat/b.png', 0],
    ['cat/c.png', 0],
  ]);
  expect(images[0]?.pixels.data[1]).toBe(8);
});

test('files that are named as pictures and are none are skipped, and reported', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'dog'));
  await mkdir(join(folder, 'cat'));
  await copyFile(picture, join(folder, 'cat', '0.png'));
  await copyFile(picture, join(folder, 'dog', '0.png'));
  const stray = {
    'cat/._0.png': Buffer.from([0, 5, 0x16, 7]),
    'cat/1.png': Buffer.from('damaged'),
    'dog/1.webp': Buffer.from('RIFF\0\0\0\0WEBPVP8 '),
    'dog/notes.txt': Buffer.from('passed over'),
  };
  for (const [name, content] of Object.entries(stray)) {
    await writeFile(join(folder, name), content);
  }
  await copyFile(fileURLToPath(new URL('fixtures/wide.png', import.meta.url)), join(folder, 'dog', '2.png'));
  const skipped: string[] = [];
  const images = await readAll(folder, { onSkipped: (reason) => skipped.push(reason) });
  expect(images.map(({ name }) => name)).toEqual(['cat/0.png', 'dog/0.png']);
  expect(skipped.map((reason) => reason.slice(folder.length + 1)).sort()).toEqual([
    expect.stringMatching(/^cat\/\._0\.png: another file's attributes, as macOS leaves them/),
    'cat/1.png: not an image, expected a PNG or JPEG file',
    'dog/1.webp: a WebP picture, which is not read; save it as PNG or JPEG',
    expect.stringMatching(/^dog\/2\.png: the network takes 32 x 32 pixels, found 64 x 48/),
  ]);
});

test('a folder that is no data set is refused', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'cat'));
  expect(await describeError(() => readAll(folder))).toMatch(
    /^ERR_DATA .*cat: expected PNG or JPEG images, found none$/,
  );
  await copyFile(picture, join(folder, 'cat', 'a.png'));
  expect(await describeError(() => readAll(folder))).toMatch(/a folder for each of cat, dog; dog is missing$/);
  expect(await describeError(() => readAll(join(folder, 'absent')))).toMatch(/^ERR_DATA .*absent: no such folder$/);
  expect(await describeError(() => readAll(picture))).toMatch(/^ERR_DATA .*rgb.png: expected a folder, found a file$/);
});
