import { FheError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Architecture } from './architecture.js';
import type { Activation, Convolution, Network, Padding, ResidualBlock } from './description.js';

/** What a network has besides its architecture and its tensors. */
export interface NetworkAttributes {
  readonly name: string;
  readonly classes: readonly string[];
  readonly activation: Activation['kind'];
  readonly padding: Padding;
  readonly input: Network['input'];
  readonly ranges: Network['ranges'];
  readonly weightsHash: string;
}

/**
 * Joins tensors to a network. Tensor names: `stem.weight`, `stage1.block1.conv1.weight`, `....bias`,
 * `stage2.block1.shortcut.weight` where the shape changes, `linear.weight`; for square activations one tensor
 * [3, channels] each (`stem.activation`, `stage1.block1.activation1`, ...) with the rows a, b, k.
 * Throws ERR_WEIGHTS for a tensor that is missing, has another shape, or that the architecture does not name.
 */
export function buildNetwork(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  attributes: NetworkAttributes,
): Network {
  const unused = new Set(tensors.keys());
  const take = (name: string, shape: readonly number[]): Tensor => {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new FheError('ERR_WEIGHTS', `network ${attributes.name}: tensor ${name} is missing`);
    }
    if (found.shape.length !== shape.length || found.shape.some((extent, axis) => extent !== shape[axis])) {
      throw new FheError(
        'ERR_WEIGHTS',
        `network ${attributes.name}: tensor ${name} must have shape [${shape.join(', ')}], ` +
          `found [${found.shape.join(', ')}]`,
      );
    }
    unused.delete(name);
    return found;
  };

  const convolution = (name: string, inputs: number, outputs: number, kernel: number, stride: number): Convolution => ({
    name,
    weight: take(`${name}.weight`, [outputs, inputs, kernel, kernel]),
    bias: take(`${name}.bias`, [outputs]).data,
    stride,
    padding: attributes.padding,
  });
  const activation = (name: string, channels: number): Activation => {
    if (attributes.activation === 'relu') {
      return { kind: 'relu', name };
    }
    const { data } = take(name, [3, channels]);
    return {
      kind: 'square',
      name,
      a: data.slice(0, channels),
      b: data.slice(channels, 2 * channels),
      k: data.slice(2 * channels),
    };
  };
  const block = (name: string, inputs: number, outputs: number, stride: number): ResidualBlock => ({
    name,
    conv1: convolution(`${name}.conv1`, inputs, outputs, 3, stride),
    activation1: activation(`${name}.activation1`, outputs),
    conv2: convolution(`${name}.conv2`, outputs, outputs, 3, 1),
    shortcut:
      stride === 1 && inputs === outputs ? undefined : convolution(`${name}.shortcut`, inputs, outputs, 1, stride),
    activation2: activation(`${name}.activation2`, outputs),
  });

  let channels = architecture.stemChannels;
  const blocks = architecture.stages.flatMap((stage, stageIndex) =>
    Array.from({ length: stage.blocks }, (_, blockIndex) => {
      const inputs = channels;
      channels = stage.channels;
      const name = `stage${stageIndex + 1}.block${blockIndex + 1}`;
      return block(name, inputs, stage.channels, blockIndex === 0 ? stage.stride : 1);
    }),
  );
  const network: Network = {
    name: attributes.name,
    classes: attributes.classes,
    input: attributes.input,
    stem: convolution('stem', architecture.inputChannels, architecture.stemChannels, 3, 1),
    stemActivation: activation('stem.activation', architecture.stemChannels),
    blocks,
    head: {
      name: 'linear',
      weight: take('linear.weight', [attributes.classes.length, channels]),
      bias: take('linear.bias', [attributes.classes.length]).data,
    },
    ranges: attributes.ranges,
    weightsHash: attributes.weightsHash,
  };

  const [extra] = unused;
  if (extra !== undefined) {
    throw new FheError(
      'ERR_WEIGHTS',
      `network ${attributes.name}: tensor ${extra} has no place in a ${architecture.name} with ` +
        `${attributes.activation} activations`,
    );
  }
  return network;
}

/** All activations in the order of evaluation. */
export function activationsOf(network: Network): Activation[] {
  return [network.stemActivation, ...network.blocks.flatMap((block) => [block.activation1, block.activation2])];
}
