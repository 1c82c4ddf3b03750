import { FheError } from '../../errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { ActivationFunction, ActivationRange, Graph, Node, Padding } from '../graph.js';
import { shapesOf } from '../shapes.js';

/** Blocks of one resolution. The first block has the stage's stride, the others stride 1. */
export interface ResidualStage {
  readonly channels: number;
  readonly blocks: number;
  readonly stride: 1 | 2;
}

/**
 * Shape of a residual network for small pictures: a 3x3 stem, stages of basic blocks (two 3x3 convolutions and a
 * shortcut), global average pooling and one fully connected layer. He et al., arXiv 1512.03385, section 4.2.
 */
export interface Architecture {
  readonly name: string;
  readonly inputChannels: number;
  readonly stemChannels: number;
  readonly stages: readonly ResidualStage[];
}

/** ResNet-20: 16, 32 and 64 channels, three blocks each. */
export const resNet20: Architecture = {
  name: 'resnet20',
  inputChannels: 3,
  stemChannels: 16,
  stages: [
    { channels: 16, blocks: 3, stride: 1 },
    { channels: 32, blocks: 3, stride: 2 },
    { channels: 64, blocks: 3, stride: 2 },
  ],
};

/** ResNet-8: the same channels, one block each. */
export const resNet8: Architecture = {
  name: 'resnet8',
  inputChannels: 3,
  stemChannels: 16,
  stages: [
    { channels: 16, blocks: 1, stride: 1 },
    { channels: 32, blocks: 1, stride: 2 },
    { channels: 64, blocks: 1, stride: 2 },
  ],
};

/** Architectures that a weights card may name. */
export const architectures: readonly Architecture[] = [resNet20, resNet8];

/** How convolutions read beyond the border. Height is always padded with zeros. */
export type WidthPadding = 'zero' | 'circular-width';

/** What a residual network has besides its architecture and its tensors. */
export interface ResidualAttributes {
  readonly name: string;
  readonly classes: readonly string[];
  readonly activation: 'square' | 'relu';
  readonly padding: WidthPadding;
  readonly input: {
    readonly shape: readonly [number, number, number];
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  };
  /** By activation name. */
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  readonly weightsHash: string;
  /** Largest magnitude that a score may have; undefined: not known. */
  readonly scoreBound?: number | undefined;
}

/**
 * Joins tensors, batch normalisation already folded in, to a graph. Tensor names: `stem.weight`,
 * `stage1.block1.conv1.weight`, `....bias`, `stage2.block1.shortcut.weight` where the shape changes, `linear.weight`; for
 * square activations one tensor [3, channels] each (`stem.activation`, `stage1.block1.activation1`, ...) with the rows
 * a, b, k. Throws ERR_WEIGHTS for a tensor that is missing, has another shape, or that the architecture does not name.
 */
export function residualGraph(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  attributes: ResidualAttributes,
): Graph {
  const builder = new Builder(architecture, tensors, attributes);
  const nodes = builder.build();
  const { name, classes, input, weightsHash, scoreBound } = attributes;
  const graph: Graph = {
    name,
    inputs: [{ name: 'input', kind: 'picture', ...input }],
    nodes,
    outputs: [{ name: 'linear', kind: 'scores', classes, bound: scoreBound }],
    weightsHash,
  };
  shapesOf(graph);
  return graph;
}

class Builder {
  readonly #architecture: Architecture;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #attributes: ResidualAttributes;
  readonly #unused: Set<string>;
  readonly #nodes: Node[] = [];

  constructor(architecture: Architecture, tensors: ReadonlyMap<string, Tensor>, attributes: ResidualAttributes) {
    this.#architecture = architecture;
    this.#tensors = tensors;
    this.#attributes = attributes;
    this.#unused = new Set(tensors.keys());
  }

  build(): readonly Node[] {
    const { inputChannels, stemChannels, stages } = this.#architecture;
    this.#convolution('stem', 'input', [inputChannels, stemChannels], 3, 1);
    let value = this.#activation('stem.activation', 'stem', stemChannels);
    let channels = stemChannels;
    for (const [stageIndex, stage] of stages.entries()) {
      for (let blockIndex = 0; blockIndex < stage.blocks; blockIndex++) {
        const name = `stage${stageIndex + 1}.block${blockIndex + 1}`;
        value = this.#block(name, value, [channels, stage.channels], blockIndex === 0 ? stage.stride : 1);
        channels = stage.channels;
      }
    }
    this.#head(value, channels);
    this.#checkUnused();
    return this.#nodes;
  }

  /** conv1, activation1, conv2, plus the shortcut, activation2; returns the name of the result. */
  #block(name: string, input: string, [inputs, outputs]: [number, number], stride: number): string {
    this.#convolution(`${name}.conv1`, input, [inputs, outputs], 3, stride);
    const inner = this.#activation(`${name}.activation1`, `${name}.conv1`, outputs);
    this.#convolution(`${name}.conv2`, inner, [outputs, outputs], 3, 1);
    const changes = stride !== 1 || inputs !== outputs;
    if (changes) {
      this.#convolution(`${name}.shortcut`, input, [inputs, outputs], 1, stride);
    }
    this.#nodes.push({
      kind: 'add',
      name: `${name}.sum`,
      inputs: [`${name}.conv2`, changes ? `${name}.shortcut` : input],
    });
    return this.#activation(`${name}.activation2`, `${name}.sum`, outputs);
  }

  #convolution(name: string, input: string, [inputs, outputs]: [number, number], kernel: number, stride: number): void {
    this.#nodes.push({
      kind: 'convolution',
      name,
      inputs: [input],
      weight: this.#take(`${name}.weight`, [outputs, inputs, kernel, kernel]),
      bias: this.#take(`${name}.bias`, [outputs]).data,
      stride: [stride, stride],
      dilation: [1, 1],
      groups: 1,
      padding: centredPadding(kernel, this.#attributes.padding),
    });
  }

  #activation(name: string, input: string, channels: number): string {
    this.#nodes.push({
      kind: 'activation',
      name,
      inputs: [input],
      function: this.#activationFunction(name, channels),
      range: this.#attributes.ranges.get(name),
    });
    return name;
  }

  #activationFunction(name: string, channels: number): ActivationFunction {
    if (this.#attributes.activation === 'relu') {
      return { name: 'relu' };
    }
    const { data } = this.#take(name, [3, channels]);
    return {
      name: 'quadratic',
      a: data.slice(0, channels),
      b: data.slice(channels, 2 * channels),
      k: data.slice(2 * channels),
    };
  }

  /** Global average pooling followed by the fully connected layer. */
  #head(input: string, channels: number): void {
    const { classes, input: picture } = this.#attributes;
    const shrink = this.#architecture.stages.reduce((product, { stride }) => product * stride, 1);
    const extents = [Math.ceil(picture.shape[1] / shrink), Math.ceil(picture.shape[2] / shrink)] as const;
    this.#nodes.push({ kind: 'average-pool', name: 'pool', inputs: [input], kernel: extents, stride: extents });
    this.#nodes.push({
      kind: 'dense',
      name: 'linear',
      inputs: ['pool'],
      weight: this.#take('linear.weight', [classes.length, channels]),
      bias: this.#take('linear.bias', [classes.length]).data,
    });
  }

  #take(name: string, shape: readonly number[]): Tensor {
    const found = this.#tensors.get(name);
    if (found === undefined) {
      throw this.#refused(`tensor ${name} is missing`);
    }
    if (found.shape.length !== shape.length || found.shape.some((extent, axis) => extent !== shape[axis])) {
      throw this.#refused(`tensor ${name} must have shape [${shape.join(', ')}], found [${found.shape.join(', ')}]`);
    }
    this.#unused.delete(name);
    return found;
  }

  #checkUnused(): void {
    const [extra] = this.#unused;
    if (extra !== undefined) {
      const { activation } = this.#attributes;
      throw this.#refused(
        `tensor ${extra} has no place in a ${this.#architecture.name} with ${activation} activations`,
      );
    }
  }

  #refused(reason: string): FheError {
    return new FheError('ERR_WEIGHTS', `network ${this.#attributes.name}: ${reason}`);
  }
}

/** An odd kernel centred on (stride * row, stride * column). */
function centredPadding(kernel: number, padding: WidthPadding): Padding {
  const reach = (kernel - 1) / 2;
  const width = padding === 'circular-width' ? 'circular' : 'zero';
  return { top: reach, bottom: reach, left: reach, right: reach, width };
}
