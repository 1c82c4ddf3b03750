import { describe, expect, test } from 'vitest';
import { convolve } from '../../src/network/convolve.js';
import { evaluateNode, forward, forwardRecording } from '../../src/network/forward.js';
import { activationsOf, type Convolution, type Dense, type Graph, type Node } from '../../src/network/graph.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { randomTensor } from '../support/random.js';
import { randomImage, randomNetwork } from '../support/random-network.js';

interface Geometry {
  readonly weight: readonly [number, number, number, number];
  readonly groups?: number;
  readonly stride: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly pads: readonly [top: number, bottom: number, left: number, right: number];
}

function convolution(geometry: Geometry, width: 'zero' | 'circular'): Convolution {
  const [top, bottom, left, right] = geometry.pads;
  return {
    kind: 'convolution',
    weight: randomTensor(geometry.weight, 1),
    bias: randomTensor([geometry.weight[0]], 2).data,
    stride: geometry.stride,
    dilation: geometry.dilation ?? [1, 1],
    groups: geometry.groups ?? 1,
    padding: { top, bottom, left, right, width },
  };
}

/** The definition, one output at a time. */
function convolveAt(by: Convolution, input: Tensor, channel: number, row: number, column: number): number {
  const [outputs, inputs, kernelHeight, kernelWidth] = by.weight.shape as [number, number, number, number];
  const [, height, width] = input.shape as [number, number, number];
  const first = Math.floor(channel / (outputs / by.groups)) * inputs;
  let sum = by.bias[channel]!;
  for (let i = 0; i < inputs; i++) {
    for (let u = 0; u < kernelHeight; u++) {
      for (let v = 0; v < kernelWidth; v++) {
        const y = row * by.stride[0] + u * by.dilation[0] - by.padding.top;
        let x = column * by.stride[1] + v * by.dilation[1] - by.padding.left;
        if (by.padding.width === 'circular') {
          x = ((x % width) + width) % width;
        }
        if (y >= 0 && y < height && x >= 0 && x < width) {
          const weight = by.weight.data[((channel * inputs + i) * kernelHeight + u) * kernelWidth + v]!;
          sum += weight * input.data[((first + i) * height + y) * width + x]!;
        }
      }
    }
  }
  return sum;
}

describe.each(['zero', 'circular'] as const)('convolution, %s width', (width) => {
  test.each<{ geometry: Geometry; input: readonly [number, number, number]; output: readonly [number, number] }>([
    { geometry: { weight: [5, 3, 3, 3], stride: [1, 1], pads: [1, 1, 1, 1] }, input: [3, 6, 8], output: [6, 8] },
    { geometry: { weight: [4, 2, 3, 3], stride: [2, 2], pads: [1, 1, 1, 1] }, input: [2, 8, 8], output: [4, 4] },
    { geometry: { weight: [6, 4, 1, 1], stride: [2, 2], pads: [0, 0, 0, 0] }, input: [4, 8, 6], output: [4, 3] },
    { geometry: { weight: [1, 1, 5, 3], stride: [2, 1], pads: [2, 2, 1, 1] }, input: [1, 7, 5], output: [4, 5] },
    { geometry: { weight: [2, 1, 4, 2], stride: [1, 1], pads: [0, 1, 0, 1] }, input: [1, 6, 5], output: [4, 5] },
    {
      geometry: { weight: [6, 1, 3, 3], groups: 6, stride: [1, 1], pads: [1, 1, 1, 1] },
      input: [6, 4, 4],
      output: [4, 4],
    },
    {
      geometry: { weight: [4, 3, 3, 3], groups: 2, stride: [1, 2], dilation: [2, 1], pads: [2, 2, 1, 1] },
      input: [6, 5, 8],
      output: [5, 4],
    },
  ])('$geometry of $input', ({ geometry, input: shape, output: extents }) => {
    const by = convolution(geometry, width);
    const input = randomTensor(shape, 3);
    const output = convolve(by, input);
    expect(output.shape).toEqual([geometry.weight[0], ...extents]);
    let largest = 0;
    for (let i = 0; i < output.data.length; i++) {
      const column = i % extents[1];
      const row = Math.floor(i / extents[1]) % extents[0];
      const channel = Math.floor(i / (extents[1] * extents[0]));
      largest = Math.max(largest, Math.abs(output.data[i]! - convolveAt(by, input, channel, row, column)));
    }
    expect(largest).toBeLessThan(1e-12);
  });
});

test('circular width wraps columns and pads rows with zeros', () => {
  const weight = tensor([1, 1, 3, 3], new Float64Array(9).fill(1));
  const shape = { weight: [1, 1, 3, 3], stride: [1, 1], pads: [1, 1, 1, 1] } as const;
  const by: Convolution = { ...convolution(shape, 'circular'), weight, bias: Float64Array.of(0) };
  const input = tensor([1, 2, 4], Float64Array.of(1, 0, 0, 0, 0, 0, 0, 10));
  expect(convolve(by, input).data).toEqual(Float64Array.of(11, 1, 10, 11, 11, 1, 10, 11));
});

test('another number of channels is refused', () => {
  const by = convolution({ weight: [1, 2, 1, 1], stride: [1, 1], pads: [0, 0, 0, 0] }, 'zero');
  expect(() => convolve(by, tensor([3, 2, 2]))).toThrow('takes 2 channels, found 3');
});

test.each<{ node: Node; inputs: readonly Tensor[]; shape: readonly number[]; values: readonly number[] }>([
  {
    node: { kind: 'average-pool', name: 'n', inputs: ['x'], kernel: [2, 2], stride: [1, 2] },
    inputs: [tensor([1, 3, 4], Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))],
    shape: [1, 2, 2],
    values: [3.5, 5.5, 7.5, 9.5],
  },
  {
    node: { kind: 'upsample', name: 'n', inputs: ['x'], factor: [1, 2] },
    inputs: [tensor([2, 1, 2], Float64Array.of(1, 2, 3, 4))],
    shape: [2, 1, 4],
    values: [1, 1, 2, 2, 3, 3, 4, 4],
  },
  {
    node: { kind: 'concatenate', name: 'n', inputs: ['x', 'y'] },
    inputs: [tensor([1, 1, 2], Float64Array.of(1, 2)), tensor([2, 1, 2], Float64Array.of(3, 4, 5, 6))],
    shape: [3, 1, 2],
    values: [1, 2, 3, 4, 5, 6],
  },
  {
    node: {
      kind: 'batch-normalization',
      name: 'n',
      inputs: ['x'],
      scale: Float64Array.of(2, -1),
      shift: Float64Array.of(1, 0),
    },
    inputs: [tensor([2, 1, 2], Float64Array.of(1, 2, 3, 4))],
    shape: [2, 1, 2],
    values: [3, 5, -3, -4],
  },
])('$node.kind by its definition', ({ node, inputs, shape, values }) => {
  const found = evaluateNode(node, inputs);
  expect(found.shape).toEqual(shape);
  expect([...found.data]).toEqual(values);
});

function nodeOf<Kind extends Node>(graph: Graph, name: string): Kind {
  return graph.nodes.find((node) => node.name === name) as Kind;
}

describe('a network', () => {
  const options = {
    channels: [4, 8],
    height: 8,
    width: 8,
    blocksPerStage: 2,
    padding: 'zero',
    seed: 5,
    classes: 3,
  } as const;

  test('of square activations: the last block, pooling and the head follow from the recorded inputs', () => {
    const network = randomNetwork({ ...options, activation: 'square' });
    const { scores, activationInputs } = forwardRecording(network, randomImage(network, 1));
    expect([...activationInputs.keys()]).toEqual(activationsOf(network).map(({ name }) => name));

    const last = activationsOf(network).at(-1)!;
    const input = activationInputs.get(last.name)!;
    expect(last.function.name).toBe('quadratic');
    const { a, b, k } = last.function as Extract<typeof last.function, { name: 'quadratic' }>;
    const head = nodeOf<Node<Dense>>(network, 'linear');
    const means = Array.from({ length: 8 }, (_, channel) => {
      const plane = [...input.data.subarray(channel * 16, (channel + 1) * 16)];
      return plane.reduce((sum, x) => sum + a[channel]! * x ** 2 + b[channel]! * x + k[channel]!, 0) / 16;
    });
    for (const [index, score] of scores.entries()) {
      const products = means.map((mean, channel) => mean * head.weight.data[index * 8 + channel]!);
      expect(score).toBeCloseTo(
        products.reduce((sum, product) => sum + product, head.bias[index]!),
        12,
      );
    }
  });

  test('of ReLU: the shortcut joins before the second activation', () => {
    const network = randomNetwork({ ...options, activation: 'relu' });
    const { activationInputs } = forwardRecording(network, randomImage(network, 1));
    const relu = (name: string): Tensor => {
      const input = activationInputs.get(name)!;
      return tensor(
        input.shape,
        input.data.map((x) => Math.max(x, 0)),
      );
    };
    const convolved = (name: string, input: Tensor): Tensor =>
      convolve(nodeOf<Node<Convolution>>(network, name), input);
    const expectSum = (name: string, left: Tensor, right: Tensor) => {
      const found = activationInputs.get(name)!.data;
      expect(Math.max(...found.map((x, i) => Math.abs(x - left.data[i]! - right.data[i]!)))).toBeLessThan(1e-12);
    };
    expectSum(
      'stage1.block1.activation2',
      convolved('stage1.block1.conv2', relu('stage1.block1.activation1')),
      relu('stem.activation'),
    );
    expectSum(
      'stage2.block1.activation2',
      convolved('stage2.block1.conv2', relu('stage2.block1.activation1')),
      convolved('stage2.block1.shortcut', relu('stage1.block2.activation2')),
    );
  });

  test('gives the same scores whether or not it records, and leaves the image as it was', () => {
    const network = randomNetwork({ ...options, activation: 'square' });
    const image = randomImage(network, 2);
    const scores = forward(network, image);
    expect(forwardRecording(network, image).scores).toEqual(scores);
    expect(image).toEqual(randomImage(network, 2));
  });

  test('refuses an image of another shape', () => {
    const network = randomNetwork({ ...options, activation: 'relu' });
    expect(() => forward(network, tensor([3, 8, 9]))).toThrow(
      'network random-5 takes an image of shape [3, 8, 8], found [3, 8, 9]',
    );
  });
});
