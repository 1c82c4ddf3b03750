import { type Graph, inputOf, type Node, outputOf, type Shape } from '../../network/graph.js';
import { shapesOf } from '../../network/shapes.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Branch, Layer, LayerGraph, LinearLayer } from '../layers.js';
import { channelwise, type LinearOperator } from '../operators.js';
import { countReaders } from './fold-batch-normalization.js';

/**
 * Groups the nodes of a graph into linear layers and activations. A sum or a concatenation joins the linear nodes that it
 * alone reads, so that all of them take one level; what it reads otherwise becomes a branch of weights 1. Every activation
 * reads a linear layer that no other activation reads and that is not the output: where the network shares one, it is
 * computed again. A layer has the name of the first linear node in it. Batch normalisations and pools must have been
 * folded.
 */
export function groupLinearLayers(graph: Graph): LayerGraph {
  return new Grouping(graph).run();
}

class Grouping {
  readonly #graph: Graph;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #readers: ReadonlyMap<string, number>;
  /** Linear values that no layer holds yet, by the name of their node. */
  readonly #open = new Map<string, LinearLayer>();
  /** Names of the layers that hold the nodes' values. */
  readonly #layerOf = new Map<string, string>();
  readonly #layers: Layer[] = [];
  /** Linear layers that an activation reads. */
  readonly #activated = new Set<string>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#shapes = shapesOf(graph);
    this.#readers = countReaders(graph);
  }

  run(): LayerGraph {
    const { name, shape } = inputOf(this.#graph);
    this.#layerOf.set(name, name);
    for (const node of this.#graph.nodes) {
      this.#visit(node);
    }
    const { name: result } = outputOf(this.#graph);
    const output = this.#linearLayer(result, `${result}.output`);
    return { network: this.#graph.name, input: { name, shape }, layers: this.#layers, output };
  }

  #visit(node: Node): void {
    const shape = this.#shapes.get(node.name)!;
    switch (node.kind) {
      case 'activation': {
        const source = this.#linearLayer(node.inputs[0]!, `${node.name}.input`);
        this.#activated.add(source);
        this.#layers.push({
          kind: 'activation',
          name: node.name,
          shape,
          source,
          function: node.function,
          range: node.range,
        });
        this.#layerOf.set(node.name, node.name);
        return;
      }
      case 'add':
      case 'concatenate':
        this.#open.set(node.name, this.#joined(node, shape, node.kind === 'concatenate'));
        return;
      default: {
        const input = node.inputs[0]!;
        const operator = operatorOf(node, this.#shapes.get(input)!, shape);
        const bias = tensor([shape[0]], 'bias' in node ? node.bias : new Float64Array(shape[0]));
        const branches = [{ source: this.#value(input), operator, firstChannel: 0 }];
        this.#open.set(node.name, { kind: 'linear', name: node.name, shape, branches, bias });
      }
    }
  }

  /** The sum of values, or their channels one after another. */
  #joined(node: Node, shape: Shape, consecutive: boolean): LinearLayer {
    const branches: Branch[] = [];
    let bias = tensor([shape[0]]);
    let name: string | undefined;
    let firstChannel = 0;
    for (const input of node.inputs) {
      const part = this.#summand(input);
      name ??= this.#open.has(input) ? part.name : undefined;
      branches.push(
        ...part.branches.map((branch) => ({ ...branch, firstChannel: branch.firstChannel + firstChannel })),
      );
      bias = addBias(bias, spreadBias(part, shape, firstChannel), shape);
      this.#open.delete(input);
      firstChannel += consecutive ? part.shape[0] : 0;
    }
    return { kind: 'linear', name: name ?? node.name, shape, branches, bias };
  }

  /** What a sum takes of a value: all of a linear node that nothing else reads, else the value itself. */
  #summand(input: string): LinearLayer {
    const open = this.#open.get(input);
    return open !== undefined && this.#readers.get(input) === 1 ? open : this.#copy(input, input);
  }

  #copy(input: string, name: string): LinearLayer {
    const shape = this.#shapes.get(input)!;
    const operator = channelwise(shape, new Float64Array(shape[0]).fill(1));
    const branches = [{ source: this.#value(input), operator, firstChannel: 0 }];
    return { kind: 'linear', name, shape, branches, bias: tensor([shape[0]]) };
  }

  /** Name of the layer that holds a value. */
  #value(node: string): string {
    const open = this.#open.get(node);
    if (open !== undefined) {
      this.#layers.push(open);
      this.#open.delete(node);
      this.#layerOf.set(node, open.name);
    }
    return this.#layerOf.get(node)!;
  }

  /**
   * Name of a linear layer that holds a value and that no activation reads: where there is none, a copy of the value or
   * the same layer once more, as `name` or a name like it.
   */
  #linearLayer(node: string, name: string): string {
    const held = this.#value(node);
    const layer = this.#layers.find((candidate) => candidate.kind === 'linear' && candidate.name === held);
    if (layer !== undefined && !this.#activated.has(held)) {
      return held;
    }
    const unused = this.#unusedName(name);
    this.#layers.push(layer === undefined ? this.#copy(node, unused) : { ...layer, name: unused });
    return unused;
  }

  #unusedName(name: string): string {
    const used = this.#shapes.has(name) || this.#layers.some((layer) => layer.name === name);
    return used ? this.#unusedName(`${name}.copy`) : name;
  }
}

function operatorOf(node: Node, input: Shape, output: Shape): LinearOperator {
  switch (node.kind) {
    case 'convolution': {
      const { kind, weight, stride, dilation, groups, padding } = node;
      return { kind, weight, stride, dilation, groups, padding, input, output };
    }
    case 'dense':
      return { kind: 'dense', weight: tensor([output[0], ...input], node.weight.data), input, output };
    case 'upsample':
      return {
        kind: 'upsample',
        factor: node.factor,
        gain: new Float64Array(input[0]).fill(1),
        input,
        output,
      };
    default:
      throw new RangeError(`${node.name} (${node.kind}) is not a linear node`);
  }
}

/** A part's bias among all channels of a value. */
function spreadBias({ bias, shape: [channels] }: LinearLayer, shape: Shape, firstChannel: number): Tensor {
  const perChannel = bias.data.length / channels;
  const spread = tensor([shape[0], ...bias.shape.slice(1)]);
  spread.data.set(bias.data, firstChannel * perChannel);
  return spread;
}

/** Sum of two biases, each for channels or for all places. */
export function addBias(left: Tensor, right: Tensor, [channels, height, width]: Shape): Tensor {
  if (left.data.length === right.data.length) {
    return tensor(
      left.shape,
      left.data.map((value, index) => value + right.data[index]!),
    );
  }
  const plane = height * width;
  const at = ({ data }: Tensor, index: number): number =>
    data.length === channels ? data[Math.floor(index / plane)]! : data[index]!;
  return tensor(
    [channels, height, width],
    Float64Array.from({ length: channels * plane }, (_, index) => at(left, index) + at(right, index)),
  );
}
