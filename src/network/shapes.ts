import { FheError } from '../errors.js';
import type { Convolution, Graph, Node, Pair, Shape } from './graph.js';

/** Shape of every input and node, by name. Throws ERR_NETWORK for a node that does not fit what it reads. */
export function shapesOf(graph: Graph): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => {
      const shape = shapes.get(name);
      if (shape === undefined) {
        throw refused(graph.name, node, `reads ${name}, which no earlier node gives`);
      }
      return shape;
    });
    if (shapes.has(node.name)) {
      throw refused(graph.name, node, 'has the name of another value');
    }
    shapes.set(node.name, shapeAfter(graph.name, node, inputs));
  }
  return shapes;
}

/** Extents of a convolution's result. */
export function convolvedShape(convolution: Convolution, [, height, width]: Shape): Shape {
  const { weight, padding, stride, dilation } = convolution;
  const [outputs, , kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const extent = (length: number, kernel: number, step: number, spread: number): number =>
    Math.floor((length - spread * (kernel - 1) - 1) / step) + 1;
  return [
    outputs,
    extent(height + padding.top + padding.bottom, kernelHeight, stride[0], dilation[0]),
    extent(width + padding.left + padding.right, kernelWidth, stride[1], dilation[1]),
  ];
}

/** Shape of a node's result from those of its inputs. Throws ERR_NETWORK where it does not fit them. */
export function shapeAfter(network: string, node: Node, inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  const several = node.kind === 'add' || node.kind === 'concatenate';
  if (first === undefined || inputs.length > 1 !== several) {
    throw refused(network, node, `takes ${several ? 'two or more inputs' : 'one input'}, found ${inputs.length}`);
  }
  const [channels, height, width] = first;
  const requireCount = (what: string, expected: number, found: number): void => {
    if (expected !== found) {
      throw refused(network, node, `takes ${expected} ${what}, found ${found}`);
    }
  };
  switch (node.kind) {
    case 'convolution': {
      requireCount('channels', node.weight.shape[1]! * node.groups, channels);
      return positive(network, node, convolvedShape(node, first));
    }
    case 'batch-normalization':
      requireCount('channels', node.scale.length, channels);
      return first;
    case 'dense':
      requireCount('values', node.weight.shape[1]!, channels * height * width);
      return [node.weight.shape[0]!, 1, 1];
    case 'average-pool':
      return positive(network, node, [channels, ...pooled([height, width], node.kernel, node.stride)]);
    case 'upsample':
      return [channels, height * node.factor[0], width * node.factor[1]];
    case 'activation':
      if (node.function.name === 'quadratic') {
        requireCount('channels', node.function.a.length, channels);
      }
      return first;
    case 'add':
      for (const shape of inputs) {
        checkExtents(network, node, first, shape, [0, 1, 2]);
      }
      return first;
    case 'concatenate':
      for (const shape of inputs) {
        checkExtents(network, node, first, shape, [1, 2]);
      }
      return [inputs.reduce((sum, [count]) => sum + count, 0), height, width];
  }
}

function pooled(extents: Pair, kernel: Pair, stride: Pair): Pair {
  const [height, width] = extents.map((extent, axis) => Math.floor((extent - kernel[axis]!) / stride[axis]!) + 1);
  return [height!, width!];
}

function positive(network: string, node: Node, shape: Shape): Shape {
  if (shape.some((extent) => !(extent >= 1))) {
    throw refused(network, node, 'reads more rows or columns than its input has');
  }
  return shape;
}

function checkExtents(network: string, node: Node, left: Shape, right: Shape, axes: readonly number[]): void {
  if (axes.some((axis) => left[axis] !== right[axis])) {
    throw refused(network, node, `joins values of shapes [${left.join(', ')}] and [${right.join(', ')}]`);
  }
}

function refused(network: string, node: Node, reason: string): FheError {
  return new FheError('ERR_NETWORK', `network ${network}: ${node.name} (${node.kind}) ${reason}`);
}
