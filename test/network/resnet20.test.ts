import { expect, test } from 'vitest';
import { activationsOf, topologyHash } from '../../src/network/graph.js';
import {
  type Architecture,
  type ResidualAttributes,
  residualGraph,
  resNet20,
} from '../../src/network/import/resnet20.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { describeError } from '../support/errors.js';

const attributes: ResidualAttributes = {
  name: 'n',
  classes: ['cat', 'dog'],
  activation: 'square',
  padding: 'zero',
  input: { shape: [3, 4, 4], mean: [0, 0, 0], deviation: [1, 1, 1] },
  ranges: new Map(),
  weightsHash: '',
};

/** Two stages of one block: an identity shortcut, then one that halves the picture. */
const small: Architecture = {
  name: 'small',
  inputChannels: 3,
  stemChannels: 2,
  stages: [
    { channels: 2, blocks: 1, stride: 1 },
    { channels: 4, blocks: 1, stride: 2 },
  ],
};

function smallTensors(): Map<string, Tensor> {
  const shapes: Record<string, readonly number[]> = {
    'stem.weight': [2, 3, 3, 3],
    'stem.bias': [2],
    'stem.activation': [3, 2],
    'stage1.block1.conv1.weight': [2, 2, 3, 3],
    'stage1.block1.conv1.bias': [2],
    'stage1.block1.activation1': [3, 2],
    'stage1.block1.conv2.weight': [2, 2, 3, 3],
    'stage1.block1.conv2.bias': [2],
    'stage1.block1.activation2': [3, 2],
    'stage2.block1.conv1.weight': [4, 2, 3, 3],
    'stage2.block1.conv1.bias': [4],
    'stage2.block1.activation1': [3, 4],
    'stage2.block1.conv2.weight': [4, 4, 3, 3],
    'stage2.block1.conv2.bias': [4],
    'stage2.block1.shortcut.weight': [4, 2, 1, 1],
    'stage2.block1.shortcut.bias': [4],
    'stage2.block1.activation2': [3, 4],
    'linear.weight': [2, 4],
    'linear.bias': [2],
  };
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, tensor(shape)]));
}

test('a description and tensors become a graph', () => {
  const tensors = smallTensors();
  tensors.set('stem.activation', tensor([3, 2], Float64Array.of(1, 2, 3, 4, 5, 6)));
  const graph = residualGraph(small, tensors, attributes);
  const wiring = graph.nodes.map(({ name, kind, inputs }) => `${name} = ${kind}(${inputs.join(', ')})`);
  expect(wiring).toEqual([
    'stem = convolution(input)',
    'stem.activation = activation(stem)',
    'stage1.block1.conv1 = convolution(stem.activation)',
    'stage1.block1.activation1 = activation(stage1.block1.conv1)',
    'stage1.block1.conv2 = convolution(stage1.block1.activation1)',
    'stage1.block1.sum = add(stage1.block1.conv2, stem.activation)',
    'stage1.block1.activation2 = activation(stage1.block1.sum)',
    'stage2.block1.conv1 = convolution(stage1.block1.activation2)',
    'stage2.block1.activation1 = activation(stage2.block1.conv1)',
    'stage2.block1.conv2 = convolution(stage2.block1.activation1)',
    'stage2.block1.shortcut = convolution(stage1.block1.activation2)',
    'stage2.block1.sum = add(stage2.block1.conv2, stage2.block1.shortcut)',
    'stage2.block1.activation2 = activation(stage2.block1.sum)',
    'pool = average-pool(stage2.block1.activation2)',
    'linear = dense(pool)',
  ]);
  const strides = graph.nodes.flatMap((node) => (node.kind === 'convolution' ? [[node.name, node.stride[0]]] : []));
  expect(strides.filter(([, stride]) => stride === 2)).toEqual([
    ['stage2.block1.conv1', 2],
    ['stage2.block1.shortcut', 2],
  ]);
  expect(activationsOf(graph)[0]!.function).toEqual({
    name: 'quadratic',
    a: Float64Array.of(1, 2),
    b: Float64Array.of(3, 4),
    k: Float64Array.of(5, 6),
  });
});

test('the hash of the topology depends on shapes and wiring, not on weights', () => {
  const hash = topologyHash(residualGraph(small, smallTensors(), attributes));
  const other = smallTensors();
  other.get('stem.weight')!.data.fill(3);
  expect(topologyHash(residualGraph(small, other, attributes))).toBe(hash);
  expect(topologyHash(residualGraph(small, other, { ...attributes, padding: 'circular-width' }))).not.toBe(hash);
  const wider = { ...attributes, input: { ...attributes.input, shape: [3, 4, 8] as const } };
  expect(topologyHash(residualGraph(small, other, wider))).not.toBe(hash);
});

test('a missing, a misshapen and a superfluous tensor are named', async () => {
  const missing = smallTensors();
  missing.delete('stage2.block1.shortcut.bias');
  expect(await describeError(() => residualGraph(small, missing, attributes))).toBe(
    'ERR_WEIGHTS network n: tensor stage2.block1.shortcut.bias is missing',
  );
  const misshapen = smallTensors().set('stage1.block1.conv2.weight', tensor([2, 2, 3, 1]));
  expect(await describeError(() => residualGraph(small, misshapen, attributes))).toBe(
    'ERR_WEIGHTS network n: tensor stage1.block1.conv2.weight must have shape [2, 2, 3, 3], found [2, 2, 3, 1]',
  );
  const superfluous = smallTensors().set('stage1.block1.shortcut.bias', tensor([2]));
  expect(await describeError(() => residualGraph(small, superfluous, attributes))).toMatch(
    /tensor stage1.block1.shortcut.bias has no place in a small/,
  );
});

test('square coefficients have no place in a ReLU network', async () => {
  const build = () => residualGraph(small, smallTensors(), { ...attributes, activation: 'relu' });
  expect(await describeError(build)).toMatch(/tensor stem.activation has no place in a small with relu activations/);
});

test('ResNet-20 has twenty layers', () => {
  const blocks = resNet20.stages.reduce((sum, stage) => sum + stage.blocks, 0);
  expect(1 + 2 * blocks + 1).toBe(20);
});
