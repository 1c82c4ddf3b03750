import { describe, expect, test } from 'vitest';
import { activationsOf } from '../../src/network/build.js';
import type { Convolution, Padding } from '../../src/network/description.js';
import { convolve, forward, forwardRecording } from '../../src/network/forward.js';
import { elementCount, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { seededNormal } from '../support/random.js';
import { randomImage, randomNetwork } from '../support/random-network.js';

function randomTensor(shape: readonly number[], seed: number): Tensor {
  const normal = seededNormal(seed);
  return tensor(shape, Float64Array.from({ length: elementCount(shape) }, normal));
}

function convolution(shape: [number, number, number, number], stride: number, padding: Padding): Convolution {
  return { name: 'c', weight: randomTensor(shape, 1), bias: randomTensor([shape[0]], 2).data, stride, padding };
}

/** The definition, one output at a time. */
function convolveAt(by: Convolution, input: Tensor, channel: number, row: number, column: number): number {
  const [, inputs, kernelHeight, kernelWidth] = by.weight.shape as [number, number, number, number];
  const [, height, width] = input.shape as [number, number, number];
  let sum = by.bias[channel]!;
  for (let i = 0; i < inputs; i++) {
    for (let u = 0; u < kernelHeight; u++) {
      for (let v = 0; v < kernelWidth; v++) {
        const y = row * by.stride + u - Math.floor(kernelHeight / 2);
        let x = column * by.stride + v - Math.floor(kernelWidth / 2);
        if (by.padding === 'circular-width') {
          x = ((x % width) + width) % width;
        }
        if (y >= 0 && y < height && x >= 0 && x < width) {
          const weight = by.weight.data[((channel * inputs + i) * kernelHeight + u) * kernelWidth + v]!;
          sum += weight * input.data[(i * height + y) * width + x]!;
        }
      }
    }
  }
  return sum;
}

describe.each(['zero', 'circular-width'] as const)('convolution, %s', (padding) => {
  test.each([
    { shape: [5, 3, 3, 3], stride: 1, height: 6, width: 8 },
    { shape: [4, 2, 3, 3], stride: 2, height: 8, width: 8 },
    { shape: [6, 4, 1, 1], stride: 2, height: 8, width: 6 },
    { shape: [1, 1, 5, 3], stride: 2, height: 7, width: 5 },
  ] as const)('$shape, stride $stride, of $height x $width', ({ shape, stride, height, width }) => {
    const by = convolution([...shape], stride, padding);
    const input = randomTensor([shape[1], height, width], 3);
    const output = convolve(by, input);
    const [outputHeight, outputWidth] = [Math.ceil(height / stride), Math.ceil(width / stride)];
    expect(output.shape).toEqual([shape[0], outputHeight, outputWidth]);
    let largest = 0;
    for (let i = 0; i < output.data.length; i++) {
      const column = i % outputWidth;
      const row = Math.floor(i / outputWidth) % outputHeight;
      const channel = Math.floor(i / (outputWidth * outputHeight));
      largest = Math.max(largest, Math.abs(output.data[i]! - convolveAt(by, input, channel, row, column)));
    }
    expect(largest).toBeLessThan(1e-12);
  });
});

test('circular width wraps columns and pads rows with zeros', () => {
  const weight = tensor([1, 1, 3, 3], new Float64Array(9).fill(1));
  const by: Convolution = { name: 'c', weight, bias: Float64Array.of(0), stride: 1, padding: 'circular-width' };
  const input = tensor([1, 2, 4], Float64Array.of(1, 0, 0, 0, 0, 0, 0, 10));
  expect(convolve(by, input).data).toEqual(Float64Array.of(11, 1, 10, 11, 11, 1, 10, 11));
});

test('another number of channels is refused', () => {
  expect(() => convolve(convolution([1, 2, 1, 1], 1, 'zero'), tensor([3, 2, 2]))).toThrow(
    'c takes 2 channels, found 3',
  );
});

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

    const last = network.blocks.at(-1)!.activation2;
    const input = activationInputs.get(last.name)!;
    expect(last.kind).toBe('square');
    const { a, b, k } = last as Extract<typeof last, { kind: 'square' }>;
    const means = Array.from({ length: 8 }, (_, channel) => {
      const plane = [...input.data.subarray(channel * 16, (channel + 1) * 16)];
      return plane.reduce((sum, x) => sum + a[channel]! * x ** 2 + b[channel]! * x + k[channel]!, 0) / 16;
    });
    for (const [index, score] of scores.entries()) {
      const products = means.map((mean, channel) => mean * network.head.weight.data[index * 8 + channel]!);
      expect(score).toBeCloseTo(
        products.reduce((sum, product) => sum + product, network.head.bias[index]!),
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
    const [identity, , strided] = network.blocks;
    const expectSum = (name: string, left: Tensor, right: Tensor) => {
      const found = activationInputs.get(name)!.data;
      expect(Math.max(...found.map((x, i) => Math.abs(x - left.data[i]! - right.data[i]!)))).toBeLessThan(1e-12);
    };
    expectSum(
      'stage1.block1.activation2',
      convolve(identity!.conv2, relu('stage1.block1.activation1')),
      relu('stem.activation'),
    );
    expectSum(
      'stage2.block1.activation2',
      convolve(strided!.conv2, relu('stage2.block1.activation1')),
      convolve(strided!.shortcut!, relu('stage1.block2.activation2')),
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
