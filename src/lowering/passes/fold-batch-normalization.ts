import type { BatchNormalization, Convolution, Dense, Graph, Node } from '../../network/graph.js';
import { shapesOf } from '../../network/shapes.js';
import { tensor } from '../../tensor/tensor.js';

/**
 * Moves every batch normalisation into the convolution or fully connected layer that it alone reads; where there is none
 * it becomes a convolution of one weight per channel. The graph computes the same, and has none left.
 */
export function foldBatchNormalization(graph: Graph): Graph {
  const shapes = shapesOf(graph);
  const readers = countReaders(graph);
  const nodes: Node[] = [];
  const renamed = new Map<string, string>();
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((name) => renamed.get(name) ?? name) };
    if (node.kind !== 'batch-normalization') {
      nodes.push(node);
      continue;
    }
    const index = nodes.findIndex(({ name }) => name === node.inputs[0]);
    const before = nodes[index];
    const alone = readers.get(original.inputs[0]!) === 1;
    if (alone && (before?.kind === 'convolution' || before?.kind === 'dense')) {
      nodes[index] = normalized(before, node);
      renamed.set(node.name, before.name);
    } else {
      nodes.push(asConvolution(node, shapes.get(node.name)![0]));
    }
  }
  const outputs = graph.outputs.map((output) => ({ ...output, name: renamed.get(output.name) ?? output.name }));
  return { ...graph, nodes, outputs };
}

/** How many nodes and outputs read each value. */
export function countReaders(graph: Graph): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map((output) => output.name)]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

function normalized(node: Node<Convolution> | Node<Dense>, { scale, shift }: BatchNormalization): Node {
  const perOutput = node.weight.data.length / scale.length;
  const weights = node.weight.data.map((weight, index) => weight * scale[Math.floor(index / perOutput)]!);
  const bias = node.bias.map((value, channel) => value * scale[channel]! + shift[channel]!);
  return { ...node, weight: tensor(node.weight.shape, weights), bias };
}

function asConvolution({ name, inputs, scale, shift }: Node<BatchNormalization>, channels: number): Node<Convolution> {
  return {
    kind: 'convolution',
    name,
    inputs,
    weight: tensor([channels, 1, 1, 1], scale.slice()),
    bias: shift.slice(),
    stride: [1, 1],
    dilation: [1, 1],
    groups: channels,
    padding: { top: 0, bottom: 0, left: 0, right: 0, width: 'circular' },
  };
}
