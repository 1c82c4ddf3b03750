import type { AveragePool, Convolution, Dense, Graph, Node, Shape } from '../../network/graph.js';
import { shapesOf } from '../../network/shapes.js';
import { tensor } from '../../tensor/tensor.js';
import { countReaders } from './fold-batch-normalization.js';

/**
 * Joins every average pool with the fully connected layer or convolution that alone reads it, so that both take one
 * level; a pool without such a reader becomes a convolution. The graph computes the same, and has no pools left.
 */
export function fuseAveragePools(graph: Graph): Graph {
  const shapes = shapesOf(graph);
  const readers = countReaders(graph);
  const pools = new Map<string, Node<AveragePool>>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (node.kind === 'average-pool') {
      const reader = graph.nodes.find(({ inputs }) => inputs.includes(node.name));
      if (
        readers.get(node.name) === 1 &&
        reader !== undefined &&
        isFusible(node, reader, shapes.get(node.inputs[0]!)!)
      ) {
        pools.set(node.name, node);
      } else {
        nodes.push(asConvolution(node, shapes.get(node.name)![0]));
      }
      continue;
    }
    const pool = pools.get(node.inputs[0]!);
    nodes.push(pool === undefined ? node : fused(pool, node, shapes.get(pool.inputs[0]!)!));
  }
  return { ...graph, nodes };
}

/** A convolution over pooled cells reads whole cells only where they tile its input. */
function isFusible({ kernel, stride }: AveragePool, reader: Node, [, height, width]: Shape): boolean {
  const tiles =
    kernel[0] === stride[0] && kernel[1] === stride[1] && height % stride[0] === 0 && width % stride[1] === 0;
  return reader.kind === 'dense' || (reader.kind === 'convolution' && tiles);
}

function fused(pool: Node<AveragePool>, reader: Node, input: Shape): Node {
  if (reader.kind === 'dense') {
    return { ...reader, inputs: pool.inputs, weight: spreadDense(reader, pool, input) };
  }
  if (reader.kind !== 'convolution') {
    throw new RangeError(`${reader.name} can't be joined with the average pool ${pool.name}`);
  }
  const [rows, columns] = pool.stride;
  const { stride, padding } = reader;
  return {
    ...reader,
    inputs: pool.inputs,
    weight: spreadKernel(reader, pool),
    stride: [stride[0] * rows, stride[1] * columns],
    dilation: [1, 1],
    padding: {
      top: padding.top * rows,
      bottom: padding.bottom * rows,
      left: padding.left * columns,
      right: padding.right * columns,
      width: padding.width,
    },
  };
}

/** Each weight of a pooled value becomes a weight of every value that was averaged: [outputs, channels * height * width]. */
function spreadDense({ weight }: Dense, { kernel, stride }: AveragePool, [channels, height, width]: Shape) {
  const outputs = weight.shape[0]!;
  const rows = Math.floor((height - kernel[0]) / stride[0]) + 1;
  const columns = Math.floor((width - kernel[1]) / stride[1]) + 1;
  const result = tensor([outputs, channels * height * width]);
  for (const [index, value] of weight.data.entries()) {
    const column = index % columns;
    const row = Math.floor(index / columns) % rows;
    const plane = Math.floor(index / (columns * rows));
    for (let y = row * stride[0]; y < row * stride[0] + kernel[0]; y++) {
      for (let x = column * stride[1]; x < column * stride[1] + kernel[1]; x++) {
        result.data[(plane * height + y) * width + x]! += value / (kernel[0] * kernel[1]);
      }
    }
  }
  return result;
}

function spreadKernel({ weight, dilation }: Convolution, { kernel }: AveragePool) {
  const [outputs, inputs, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const height = ((kernelHeight - 1) * dilation[0] + 1) * kernel[0];
  const width = ((kernelWidth - 1) * dilation[1] + 1) * kernel[1];
  const result = tensor([outputs, inputs, height, width]);
  for (const [index, value] of weight.data.entries()) {
    const column = (index % kernelWidth) * dilation[1] * kernel[1];
    const row = (Math.floor(index / kernelWidth) % kernelHeight) * dilation[0] * kernel[0];
    const plane = Math.floor(index / (kernelWidth * kernelHeight));
    for (let y = row; y < row + kernel[0]; y++) {
      for (let x = column; x < column + kernel[1]; x++) {
        result.data[(plane * height + y) * width + x] = value / (kernel[0] * kernel[1]);
      }
    }
  }
  return result;
}

function asConvolution({ name, inputs, kernel, stride }: Node<AveragePool>, channels: number): Node<Convolution> {
  const count = kernel[0] * kernel[1];
  return {
    kind: 'convolution',
    name,
    inputs,
    weight: tensor([channels, 1, ...kernel], new Float64Array(channels * count).fill(1 / count)),
    bias: new Float64Array(channels),
    stride,
    dilation: [1, 1],
    groups: channels,
    padding: { top: 0, bottom: 0, left: 0, right: 0, width: 'zero' },
  };
}
