import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import { elementCount, type Tensor, tensor } from '../tensor/tensor.js';
import { loadImage, type PictureShape } from './load.js';
import { namesPicture } from './other-formats.js';

/** One picture of a data set: pixels of the network's shape, 0 to 255; the label is an index into the classes. */
export interface LabelledImage {
  readonly name: string;
  readonly label: number;
  readonly pixels: Tensor;
}

/** What a network takes: the names of its classes, and the shape of its pictures. */
export interface DataSetShape {
  readonly classes: readonly string[];
  readonly picture: PictureShape;
}

const maximumBatchBytes = 2 ** 30;

/** What a reader of a data set is told of its files. */
export interface DataSetListener {
  /** A file that is named as a picture and can't be taken; `reason` names it and says why. */
  readonly onSkipped?: (reason: string) => void;
  /** Of a picture that was taken, what of its file was passed over. */
  readonly onNotice?: (text: string) => void;
}

/**
 * A data set: a folder with one folder per class, or with binary batches, as those of CIFAR-10 (`test_batch.bin` alone
 * when it is there, else every `.bin` file in order of name). Throws ERR_DATA when it is neither.
 */
export async function* readDataSet(
  folder: string,
  shape: DataSetShape,
  listener: DataSetListener = {},
): AsyncGenerator<LabelledImage> {
  const entries = await listFolder(folder);
  const batches = entries.filter((entry) => entry.endsWith('.bin')).sort();
  if (batches.length === 0) {
    yield* readClassFolders(folder, shape, listener);
    return;
  }
  for (const batch of batches.includes('test_batch.bin') ? ['test_batch.bin'] : batches) {
    yield* readBatch(join(folder, batch), shape);
  }
}

/**
 * Binary batch: records of a label byte and as many bytes as the picture has pixels, channel by channel, row by row.
 * Throws ERR_DATA when the length is not a multiple of a record's or a label is not that of a class.
 */
async function* readBatch(path: string, { classes, picture }: DataSetShape): AsyncGenerator<LabelledImage> {
  const recordBytes = 1 + elementCount(picture);
  const bytes = await readBatchFile(path, recordBytes);
  for (let index = 0; index < bytes.length / recordBytes; index++) {
    const record = bytes.subarray(index * recordBytes, (index + 1) * recordBytes);
    const label = record.readUInt8(0);
    if (label >= classes.length) {
      throw new FheError('ERR_DATA', `${path}: image ${index} has label ${label}, expected 0 to ${classes.length - 1}`);
    }
    const pixels = tensor(picture, Float64Array.from(record.subarray(1)));
    yield { name: `${basename(path)}#${index}`, label, pixels };
  }
}

async function readBatchFile(path: string, recordBytes: number): Promise<Buffer> {
  const bytes = await readInputFile(path, { expected: 'a binary batch', maximumBytes: maximumBatchBytes });
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new FheError(
      'ERR_DATA',
      `${path}: a binary batch has ${recordBytes} bytes an image, found ${bytes.length} bytes`,
    );
  }
  return bytes;
}

/**
 * One folder per class holding PNG or JPEG files of the network's size. Files that aren't named as pictures are passed over;
 * those that are and can't be taken are reported, and do not end a measurement of hours. The classes take turns, in order
 * of file name within each, so that the first N images of a data set are balanced.
 * Throws ERR_DATA when a class has no folder or no file that is named as a picture.
 */
async function* readClassFolders(
  folder: string,
  { classes, picture }: DataSetShape,
  listener: DataSetListener,
): AsyncGenerator<LabelledImage> {
  const present = await listFolder(folder);
  const files: string[][] = [];
  for (const name of classes) {
    if (!present.includes(name)) {
      throw new FheError(
        'ERR_DATA',
        `${folder}: expected binary batches (*.bin) or a folder for each of ${classes.join(', ')}; ${name} is missing`,
      );
    }
    const images = (await listFolder(join(folder, name))).filter(namesPicture).sort();
    if (images.length === 0) {
      throw new FheError('ERR_DATA', `${join(folder, name)}: expected PNG or JPEG images, found none`);
    }
    files.push(images);
  }

  const classFolders = classes.map((name) => join(folder, name));
  const sources = new Set(
    files.map((images, label) => picturesOf(classFolders[label]!, label, images, picture, listener)),
  );
  while (sources.size > 0) {
    for (const source of sources) {
      const next = await source.next();
      if (next.done === true) {
        sources.delete(source);
      } else {
        yield next.value;
      }
    }
  }
}

/** The pictures of one class. */
async function* picturesOf(
  folder: string,
  label: number,
  files: readonly string[],
  picture: PictureShape,
  listener: DataSetListener,
): AsyncGenerator<LabelledImage, undefined> {
  for (const file of files) {
    const pixels = await pictureOf(join(folder, file), picture, listener);
    if (pixels !== undefined) {
      yield { name: `${basename(folder)}/${file}`, label, pixels };
    }
  }
}

/** Pixels, or undefined for a file that was reported. */
async function pictureOf(
  path: string,
  picture: PictureShape,
  { onSkipped, onNotice }: DataSetListener,
): Promise<Tensor | undefined> {
  try {
    return await loadImage(path, { shape: picture, onNotice });
  } catch (cause) {
    if (!(cause instanceof FheError)) {
      throw cause;
    }
    onSkipped?.(cause.message);
    return undefined;
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const found = await stat(folder).catch(() => undefined);
    throw new FheError(
      'ERR_DATA',
      `${folder}: ${found === undefined ? 'no such folder' : 'expected a folder, found a file'}`,
      {
        cause,
      },
    );
  }
}
