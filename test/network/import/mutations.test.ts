import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FheError } from '../../../src/errors.js';
import { importOnnx } from '../../../src/network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../../../src/network/import/onnx/model.js';
import { describeError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { seededRandom } from '../../support/random.js';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const models = readdirSync(fixtures)
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => readFileSync(join(fixtures, name)));

type Mutation = (bytes: Buffer, random: () => number) => Buffer;

const mutations: Readonly<Record<string, Mutation>> = {
  'a bit': (bytes, random) => {
    bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(8 * random());
    return bytes;
  },
  'a run of bytes': (bytes, random) =>
    bytes.fill(256 * random(), Math.floor(bytes.length * random()), Math.floor(bytes.length * random())),
  'bytes left out': (bytes, random) => {
    const from = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + Math.floor(20 * random()))]);
  },
  'the end cut off': (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  'a part twice': (bytes, random) => {
    const from = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, from + 40), bytes.subarray(from)]);
  },
};

test.each(Object.entries(mutations))('models with changes are read or refused: %s', async (_, mutate) => {
  const file = join(await temporaryFolder(), 'm.onnx');
  const random = seededRandom(5);
  let refused = 0;
  for (let index = 0; index < 60; index++) {
    const model = models[Math.floor(random() * models.length)]!;
    await writeFile(file, mutate(Buffer.from(model), random));
    try {
      importOnnx(await readOnnxModel(file));
    } catch (error) {
      expect(error).toBeInstanceOf(FheError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(0);
});

test('messages nested deeper than any model', async () => {
  // ModelProto.graph.node.attribute.g, and again: each level wraps the bytes below as a field of the one above.
  const wrap = (field: number, bytes: Buffer): Buffer => {
    const length: number[] = [];
    for (let rest = bytes.length; rest > 0 || length.length === 0; rest = Math.floor(rest / 128)) {
      length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    }
    return Buffer.concat([Buffer.from([field * 8 + 2, ...length]), bytes]);
  };
  let graph: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 3000; depth++) {
    graph = wrap(1, wrap(5, wrap(6, graph)));
  }
  const file = join(await temporaryFolder(), 'm.onnx');
  await writeFile(file, wrap(7, graph));
  expect(await describeError(() => readOnnxModel(file))).toMatch(/^ERR_NETWORK .*not an ONNX model, or damaged/);
});

test('all of it takes less than a gigabyte', () => {
  expect(process.resourceUsage().maxRSS).toBeLessThan(2 ** 20);
});
