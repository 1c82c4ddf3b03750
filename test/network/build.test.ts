import { expect, test } from 'vitest';
import { type Architecture, resNet20 } from '../../src/network/architecture.js';
import { activationsOf, buildNetwork, type NetworkAttributes } from '../../src/network/build.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { describeError } from '../support/errors.js';

const attributes: NetworkAttributes = {
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

test('a description and tensors become a network', () => {
  const tensors = smallTensors();
  tensors.set('stem.activation', tensor([3, 2], Float64Array.of(1, 2, 3, 4, 5, 6)));
  const network = buildNetwork(small, tensors, attributes);
  expect(
    network.blocks.map(({ name, conv1, conv2, shortcut }) => [name, conv1.stride, conv2.stride, shortcut?.name]),
  ).toEqual([
    ['stage1.block1', 1, 1, undefined],
    ['stage2.block1', 2, 1, 'stage2.block1.shortcut'],
  ]);
  expect(network.blocks[1]?.shortcut?.stride).toBe(2);
  expect(network.stemActivation).toEqual({
    kind: 'square',
    name: 'stem.activation',
    a: Float64Array.of(1, 2),
    b: Float64Array.of(3, 4),
    k: Float64Array.of(5, 6),
  });
  expect(activationsOf(network)).toHaveLength(5);
});

test('a missing, a misshapen and a superfluous tensor are named', async () => {
  const missing = smallTensors();
  missing.delete('stage2.block1.shortcut.bias');
  expect(await describeError(() => buildNetwork(small, missing, attributes))).toBe(
    'ERR_WEIGHTS network n: tensor stage2.block1.shortcut.bias is missing',
  );
  const misshapen = smallTensors().set('stage1.block1.conv2.weight', tensor([2, 2, 3, 1]));
  expect(await describeError(() => buildNetwork(small, misshapen, attributes))).toBe(
    'ERR_WEIGHTS network n: tensor stage1.block1.conv2.weight must have shape [2, 2, 3, 3], found [2, 2, 3, 1]',
  );
  const superfluous = smallTensors().set('stage1.block1.shortcut.bias', tensor([2]));
  expect(await describeError(() => buildNetwork(small, superfluous, attributes))).toMatch(
    /tensor stage1.block1.shortcut.bias has no place in a small/,
  );
});

test('square coefficients have no place in a ReLU network', async () => {
  const build = () => buildNetwork(small, smallTensors(), { ...attributes, activation: 'relu' });
  expect(await describeError(build)).toMatch(/tensor stem.activation has no place in a small with relu activations/);
});

test('ResNet-20 has twenty layers', () => {
  const blocks = resNet20.stages.reduce((sum, stage) => sum + stage.blocks, 0);
  expect(1 + 2 * blocks + 1).toBe(20);
});
