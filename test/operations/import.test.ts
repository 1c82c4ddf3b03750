import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { readNetworkFolder } from '../../src/network/folder/read.js';
import { forward } from '../../src/network/forward.js';
import { activationsOf, inputOf } from '../../src/network/graph.js';
import { importOnnx } from '../../src/network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../../src/network/import/onnx/model.js';
import { type ImportOptions, importNetwork } from '../../src/operations/import.js';
import { writeNpy } from '../../src/tensor/npy.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { randomTensor } from '../support/random.js';

const models = fileURLToPath(new URL('../network/import/fixtures', import.meta.url));
const pictures = fileURLToPath(new URL('../network/fixtures', import.meta.url));
const resnet = join(models, 'torch-dynamo-resnet-silu.onnx');

let folder: string;
let out: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder, 'network');
});

function run(options: Partial<ImportOptions> = {}) {
  const texts: string[] = [];
  const onEvent: ImportOptions['onEvent'] = (event) => {
    if (event.event !== 'progress') {
      texts.push(event.text);
    }
  };
  return { texts, result: importNetwork({ model: resnet, out, onEvent, ...options }) };
}

test('a model with its ranges becomes a folder', async () => {
  await writeFile(join(folder, 'classes.txt'), 'ant\r\nbee\ncow\ndog\neel\n');
  const { result, texts } = run({
    calibrate: pictures,
    samples: 20,
    mean: [0.5],
    deviation: [0.25, 0.25, 0.25],
    classes: join(folder, 'classes.txt'),
  });
  const imported = await result;
  expect(imported).toMatchObject({
    network: 'torch-dynamo-resnet-silu',
    folder: out,
    producer: expect.stringMatching(/^pytorch 2\./),
    output: { kind: 'scores', classes: ['ant', 'bee', 'cow', 'dog', 'eel'], bound: expect.any(Number) },
    calibration: { samples: 16, heldOut: 4, margin: 1.25 },
  });
  expect(imported.activations.map((each) => each.function)).toEqual(new Array(5).fill('silu'));
  expect(texts.filter((text) => !text.includes('held-out'))).toEqual([]);
  const { graph, calibration } = await readNetworkFolder(out);
  expect(calibration).toEqual(imported.calibration);
  expect(activationsOf(graph).every(({ range }) => range !== undefined && range.bound > 0)).toBe(true);
  const picture = randomTensor(inputOf(graph).shape, 1);
  const direct = forward(importOnnx(await readOnnxModel(resnet)).graph, picture);
  forward(graph, picture).forEach((score, index) => {
    expect(score).toBeCloseTo(direct[index]!, 5);
  });
});

test.each([
  ['square', { kind: 'square' }, 'quadratic'],
  ['polynomials', { kind: 'polynomial', degree: 6 }, 'polynomial'],
] as const)('activations become %s', async (_, activation, name) => {
  const { result, texts } = run({ calibrate: pictures, samples: 9, activation });
  await result;
  const { graph } = await readNetworkFolder(out);
  expect(activationsOf(graph).map((node) => node.function.name)).toEqual(new Array(5).fill(name));
  expect(texts.some((text) => text.startsWith('activations became squares: train'))).toBe(name === 'quadratic');
});

test('without pictures there are no ranges, which is said', async () => {
  const { result, texts } = run();
  expect((await result).calibration).toBeUndefined();
  expect(texts).toEqual([
    'no ranges of activations were measured: the network can not be planned yet; import it with --calibrate DIR',
  ]);
  await run().result;
});

test('a network that takes values is measured on NumPy files', async () => {
  const values = join(folder, 'values');
  await mkdir(join(values, 'deeper'), { recursive: true });
  await writeFile(join(values, 'deeper', 'a.npy'), writeNpy(randomTensor([6, 10, 1, 1], 1)));
  const imported = await run({ model: join(models, 'perceptron.onnx'), calibrate: values }).result;
  expect(imported).toMatchObject({ input: { kind: 'values' }, calibration: { samples: 6, heldOut: 0 } });
});

test.each<[string, Partial<ImportOptions>, string]>([
  ['squares without pictures', { activation: { kind: 'square' } }, 'ERR_USAGE --activation: functions are fitted to'],
  [
    'no pictures',
    { calibrate: models },
    `ERR_DATA ${models}: expected PNG or JPEG pictures in it, or in folders in it`,
  ],
  ['no folder', { calibrate: join(models, 'none') }, "none: can't be listed (ENOENT)"],
  ['no model', { model: join(pictures, 'cat-0001.png') }, 'not an ONNX model, or damaged'],
  ['a margin below 1', { margin: 0.5 }, 'ERR_USAGE margin: expected a number from 1 to 100, found 0.5'],
])('%s', async (_, options, message) => {
  expect(await describeError(() => run(options).result)).toContain(message);
  expect(await readdir(folder)).toEqual([]);
});

test('a folder that holds something else is left alone', async () => {
  await mkdir(out);
  await cp(join(pictures, 'cat-0001.png'), join(out, 'cat.png'));
  expect(await describeError(() => run().result)).toBe(
    `ERR_FILE ${out}: not empty, and no network's folder; name a new one`,
  );
  expect(await readdir(out)).toEqual(['cat.png']);
  expect(await readFile(join(out, 'cat.png'))).toEqual(await readFile(join(pictures, 'cat-0001.png')));
});

test('names of classes must be text', async () => {
  const classes = join(folder, 'classes.txt');
  await writeFile(classes, 'a\nb\u001b[2J\nc\nd\ne');
  expect(await describeError(() => run({ classes }).result)).toContain(
    `ERR_DATA ${classes}: line 2 is empty, too long`,
  );
});

test('an interrupted import writes nothing', async () => {
  const options = { calibrate: pictures, samples: 2, signal: AbortSignal.abort() };
  expect(await describeError(() => run(options).result)).toMatch(/^ERR_CANCELLED/);
  expect(await readdir(folder)).toEqual([]);
});
