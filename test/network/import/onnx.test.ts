import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forward } from '../../../src/network/forward.js';
import { inputOf } from '../../../src/network/graph.js';
import { importOnnx, type OnnxImportOptions } from '../../../src/network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../../../src/network/import/onnx/model.js';
import { type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { describeError } from '../../support/errors.js';

const folder = fileURLToPath(new URL('fixtures', import.meta.url));
/** What ONNX Runtime computes, by models.py. */
const outputs: Record<string, number[]> = JSON.parse(readFileSync(join(folder, 'outputs.json'), 'utf8'));
const models = readdirSync(folder)
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => name.slice(0, -'.onnx'.length));

async function imported(name: string, options?: OnnxImportOptions) {
  return importOnnx(await readOnnxModel(join(folder, `${name}.onnx`)), options);
}

/** Element i is sin(0.37 i + 1), in the order of the model's tensor. */
function sines(name: string, [channels, height, width]: readonly [number, number, number]): Tensor {
  const count = channels * height * width;
  const data = Float64Array.from({ length: count }, (_, index) => Math.fround(Math.sin(0.37 * index + 1)));
  if (name !== 'channels-last') {
    return tensor([channels, height, width], data);
  }
  const first = data.map((_, index) => {
    const channel = Math.floor(index / (height * width));
    return data[(index % (height * width)) * channels + channel]!;
  });
  return tensor([channels, height, width], first);
}

test('there is a model for each output', () => {
  expect(models.length).toBeGreaterThan(40);
  expect(models.toSorted()).toEqual(Object.keys(outputs).toSorted());
});

test.each(models)('%s gives what ONNX Runtime gives', async (name) => {
  const { graph } = await imported(name);
  const result = forward(graph, sines(name, inputOf(graph).shape));
  const expected = outputs[name]!;
  expect(result).toHaveLength(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const differences = expected.map((value, index) => Math.abs(value - result[index]!) / largest);
  expect(Math.max(...differences)).toBeLessThan(1e-5);
});

/** The functions of a model's activations, and the kinds of all other nodes. */
async function computed(name: string): Promise<string[]> {
  const { graph } = await imported(name);
  return graph.nodes.map((node) => (node.kind === 'activation' ? node.function.name : node.kind));
}

test.each([
  ['relu', ['relu']],
  ['relu-max', ['relu']],
  ['leaky-relu', ['leaky-relu']],
  ['prelu', ['leaky-relu']],
  ['elu', ['elu']],
  ['sigmoid', ['sigmoid']],
  ['sigmoid-exp', ['sigmoid']],
  ['hard-sigmoid', ['hard-sigmoid']],
  ['tanh', ['tanh']],
  ['gelu', ['gelu']],
  ['gelu-approximate', ['gelu']],
  ['gelu-erf', ['gelu']],
  ['gelu-tanh', ['gelu']],
  ['silu', ['silu']],
  ['softplus', ['softplus']],
  ['hard-swish', ['hard-swish']],
  ['hard-swish-clip', ['hard-swish']],
  ['hard-swish-sigmoid', ['hard-swish']],
  ['mish', ['mish']],
  ['mish-parts', ['mish']],
  ['scaled', ['tanh', 'batch-normalization', 'batch-normalization', 'relu', 'batch-normalization', 'add']],
])('%s is one function, however it was taken apart', async (name, expected) => {
  expect(await computed(`activation-${name}`)).toEqual(['batch-normalization', ...expected]);
});

test('squares with coefficients are quadratics, and factors of a value are joined', async () => {
  expect(await computed('squares')).toEqual(['convolution', 'quadratic', 'convolution', 'quadratic']);
  expect(await computed('arithmetic')).toEqual(['batch-normalization']);
  expect(await computed('depthwise')).toEqual([
    'convolution',
    'convolution',
    'batch-normalization',
    'relu6',
    'convolution',
    'relu6',
    'average-pool',
  ]);
});

test('what is left to the client, and what inputs and outputs are', async () => {
  const lenet = await imported('lenet', { classes: ['a', 'b', 'c', 'd', 'e'], mean: [0.1], deviation: [0.3] });
  expect(lenet.notices).toEqual(['/softmax9/Softmax (Softmax) at the end is left to whoever decrypts the result']);
  expect(lenet.graph.inputs).toEqual([
    { name: 'x', kind: 'picture', shape: [1, 12, 12], mean: [0.1], deviation: [0.3] },
  ]);
  expect(lenet.graph.outputs).toEqual([{ name: 'gemm8.Gemm', kind: 'scores', classes: ['a', 'b', 'c', 'd', 'e'] }]);
  const encoder = await imported('auto-encoder', { mean: [0.1, 0.2, 0.3] });
  expect(encoder.graph.outputs).toMatchObject([{ kind: 'picture', mean: [0.1, 0.2, 0.3], deviation: [1, 1, 1] }]);
  const perceptron = await imported('perceptron');
  expect(perceptron.graph.inputs).toMatchObject([{ kind: 'values', shape: [10, 1, 1] }]);
  expect((await imported('padding')).graph.outputs).toMatchObject([{ kind: 'values' }]);
});

test.each<[OnnxImportOptions, string]>([
  [{ classes: ['a'] }, 'ERR_USAGE --classes: the network gives 3 scores, found 1 names'],
  [{ mean: [1, 2] }, 'ERR_USAGE --mean: takes one number or 3, found 2'],
  [{ shape: [3, 9, 9] }, 'ERR_USAGE --shape: 3,9,9 does not fit the input of extents [1, 3, 8, 8]'],
])('%j does not fit', async (options, message) => {
  expect(await describeError(() => imported('resnet', options))).toBe(message);
});
