import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Tensor } from '../../src/tensor/tensor.js';
import { seededRandom } from './random.js';
import { randomWeights } from './random-network.js';

/** Height and width of the pictures that the network takes. */
const side = 8;

/**
 * Writes a ResNet-8 with seeded random weights and its card into `folder`, and returns the file for `--weights`. Its
 * circuit fits params_test, so that the command line encrypts, computes and decrypts in a second or two; the keys protect
 * nothing.
 */
export async function writeResNet8(folder: string): Promise<string> {
  const { tensors, attributes } = randomWeights({
    channels: [16, 32, 64],
    height: side,
    width: side,
    blocksPerStage: 1,
    activation: 'square',
    padding: 'circular-width',
    seed: 8,
    classes: 10,
  });
  const bytes = safetensors(tensors);
  const { classes, activation, padding, input, ranges } = attributes;
  const card = {
    format: 1,
    name: 'random-resnet8',
    architecture: 'resnet8',
    activation,
    padding,
    input,
    classes,
    ranges: Object.fromEntries(ranges),
    accuracy: { test: 0, validation: 0, testImages: 0 },
    parameters: [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const file = join(folder, 'random-resnet8.safetensors');
  await writeFile(file, bytes);
  await writeFile(join(folder, 'random-resnet8.json'), JSON.stringify(card));
  return file;
}

/** Writes a seeded random picture of the network's size as PNG into `folder`, and returns the file. */
export async function writeSmallPicture(folder: string, name: string, seed: number): Promise<string> {
  const random = seededRandom(seed);
  const picture = new PNG({ width: side, height: side });
  for (let index = 0; index < picture.data.length; index++) {
    picture.data[index] = index % 4 === 3 ? 255 : Math.floor(256 * random());
  }
  const file = join(folder, `${name}.png`);
  await writeFile(file, PNG.sync.write(picture, { colorType: 2 }));
  return file;
}

/** A safetensors file of doubles: length of the header, header, data. */
function safetensors(tensors: ReadonlyMap<string, Tensor>): Buffer {
  const header: Record<string, unknown> = {};
  const data: Buffer[] = [];
  let end = 0;
  for (const [name, { shape, data: values }] of tensors) {
    const begin = end;
    end += values.byteLength;
    header[name] = { dtype: 'F64', shape, data_offsets: [begin, end] };
    data.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...data]);
}
