import { forwardRecording } from '../../src/network/forward.js';
import { type ActivationRange, type Graph, inputOf } from '../../src/network/graph.js';
import {
  type Architecture,
  type ResidualAttributes,
  residualGraph,
  type WidthPadding,
} from '../../src/network/import/resnet20.js';
import { elementCount, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { seededNormal } from './random.js';

export interface RandomNetworkOptions {
  /** Channels of each stage; every stage after the first halves height and width. */
  readonly channels: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly blocksPerStage: number;
  readonly activation: 'square' | 'relu';
  readonly padding: WidthPadding;
  readonly seed: number;
  readonly classes: number;
}

/**
 * A small network with seeded random weights, scaled so that activations stay within a few units. Its ranges are
 * measured on seeded random images; `bound` is twice the largest input seen.
 */
export function randomNetwork(options: RandomNetworkOptions): Graph {
  const { architecture, tensors, attributes } = randomWeights(options);
  return residualGraph(architecture, tensors, attributes);
}

/** What `randomNetwork` is made from. */
export interface RandomWeights {
  readonly architecture: Architecture;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly attributes: ResidualAttributes;
}

export function randomWeights(options: RandomNetworkOptions): RandomWeights {
  const architecture: Architecture = {
    name: 'random',
    inputChannels: 3,
    stemChannels: options.channels[0] ?? 4,
    stages: options.channels.map((channels, index) => ({
      channels,
      blocks: options.blocksPerStage,
      stride: index === 0 ? 1 : 2,
    })),
  };
  const attributes: ResidualAttributes = {
    name: `random-${options.seed}`,
    classes: Array.from({ length: options.classes }, (_, index) => `class${index}`),
    activation: options.activation,
    padding: options.padding,
    input: { shape: [3, options.height, options.width], mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
    ranges: new Map(),
    weightsHash: options.seed.toString(16).padStart(64, '0'),
  };
  const tensors = randomTensors(architecture, options);
  const ranges = measureRanges(residualGraph(architecture, tensors, attributes));
  return { architecture, tensors, attributes: { ...attributes, ranges } };
}

/** A seeded image of the network's input shape, normalised: pixels uniform in 0..255 have deviation near 1. */
export function randomImage(network: Graph, seed: number): Tensor {
  const normal = seededNormal(seed);
  const image = tensor(inputOf(network).shape);
  return tensor(
    image.shape,
    image.data.map(() => Math.max(-2, Math.min(2, normal()))),
  );
}

function randomTensors(architecture: Architecture, options: RandomNetworkOptions): Map<string, Tensor> {
  const normal = seededNormal(options.seed);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, shape: readonly number[], deviation: number) => {
    tensors.set(
      name,
      tensor(
        shape,
        Float64Array.from({ length: elementCount(shape) }, () => deviation * normal()),
      ),
    );
  };
  const convolution = (name: string, inputs: number, outputs: number, kernel: number) => {
    add(`${name}.weight`, [outputs, inputs, kernel, kernel], 0.7 / Math.sqrt(inputs * kernel * kernel));
    add(`${name}.bias`, [outputs], 0.1);
  };
  const activation = (name: string, channels: number) => {
    if (options.activation === 'square') {
      const rows = [0.1, 0.6, 0].flatMap((centre) => Array.from({ length: channels }, () => centre + 0.03 * normal()));
      tensors.set(name, tensor([3, channels], Float64Array.from(rows)));
    }
  };

  convolution('stem', architecture.inputChannels, architecture.stemChannels, 3);
  activation('stem.activation', architecture.stemChannels);
  let inputs = architecture.stemChannels;
  for (const [stageIndex, stage] of architecture.stages.entries()) {
    for (let blockIndex = 0; blockIndex < stage.blocks; blockIndex++) {
      const name = `stage${stageIndex + 1}.block${blockIndex + 1}`;
      convolution(`${name}.conv1`, inputs, stage.channels, 3);
      activation(`${name}.activation1`, stage.channels);
      convolution(`${name}.conv2`, stage.channels, stage.channels, 3);
      if (inputs !== stage.channels || (blockIndex === 0 && stage.stride !== 1)) {
        convolution(`${name}.shortcut`, inputs, stage.channels, 1);
      }
      activation(`${name}.activation2`, stage.channels);
      inputs = stage.channels;
    }
  }
  add('linear.weight', [options.classes, inputs], 1 / Math.sqrt(inputs));
  add('linear.bias', [options.classes], 0.1);
  return tensors;
}

/** Of every activation's input over eight seeded images, by name; `bound` is twice the largest seen. */
export function measureRanges(network: Graph): Map<string, ActivationRange> {
  const ranges = new Map<string, ActivationRange>();
  for (let seed = 1; seed <= 8; seed++) {
    for (const [name, input] of forwardRecording(network, randomImage(network, seed)).activationInputs) {
      const largest = input.data.reduce((max, value) => Math.max(max, Math.abs(value)), ranges.get(name)?.max ?? 0);
      ranges.set(name, { max: largest, quantile9999: largest, bound: 2 * largest });
    }
  }
  return ranges;
}
