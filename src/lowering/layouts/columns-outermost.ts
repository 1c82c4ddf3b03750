import type { Layout } from '../../circuit/layout.js';
import { FheError } from '../../errors.js';
import type { Convolution, Network } from '../../network/description.js';

/**
 * The layout of a network's input: slot = column * columnStride + image * block + row * rowStride + channel.
 *
 * Columns are the outermost digit and fill all slots, so that a rotation by columnStride moves every picture one column
 * with wrap-around: the width is circular without masks. What is left between two columns holds further images side by
 * side, one block each.
 *
 * The channels are those of the stem after its horizontal taps were laid out as channels: tap * colours + colour.
 * A convolution of stride 2 halves the rows and keeps the block, so rowStride doubles as the channels do.
 * Throws ERR_PROFILE when the network does not fit: extents that are no powers of two, or too few slots.
 */
export function inputLayout(network: Network, slots: number): Layout {
  const [colours, height, width] = network.input.shape;
  const channels = colours * kernelWidth(network.stem);
  if (!isPowerOfTwo(height) || !isPowerOfTwo(width)) {
    throw new FheError(
      'ERR_PROFILE',
      `network ${network.name}: height and width must be powers of two, found ${height} x ${width}`,
    );
  }
  const rowStride = nextPowerOfTwo(Math.max(channels, ...channelsPerRow(network)));
  const block = rowStride * height;
  const columnStride = slots / width;
  if (columnStride < block) {
    throw new FheError(
      'ERR_PROFILE',
      `network ${network.name} needs ${block * width} slots, and the profile's parameters have ${slots}`,
    );
  }
  return {
    channels,
    height,
    width,
    images: columnStride / block,
    channelStride: 1,
    rowStride,
    columnStride,
    imageStride: block,
  };
}

/** Layout of a convolution's result: where a stride leaves gaps between columns, they stay. */
export function convolvedLayout(input: Layout, convolution: Convolution): Layout {
  const { stride } = convolution;
  return {
    ...input,
    channels: convolution.weight.shape[0]!,
    height: input.height / stride,
    width: input.width / stride,
    rowStride: input.rowStride * stride,
    columnStride: input.columnStride * stride,
  };
}

/** Slots from one image's first element to the next image's: the period of weights for circular width. */
export function blockOf(layout: Layout): number {
  return layout.imageStride;
}

export function kernelWidth(convolution: Convolution): number {
  return convolution.weight.shape[3]!;
}

export function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

/** For every feature map, the scores included: its channels, brought back to the input's row stride. */
function channelsPerRow(network: Network): number[] {
  const convolutions = [network.stem, ...network.blocks.flatMap((block) => [block.conv1, block.conv2])];
  let shrink = 1;
  const channels = convolutions.map((convolution) => {
    shrink *= convolution.stride;
    return convolution.weight.shape[0]! / shrink;
  });
  return [...channels, network.classes.length / shrink];
}
