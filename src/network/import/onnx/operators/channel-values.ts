import { elementCount } from '../../../../tensor/tensor.js';
import { positionsOf } from '../graph-builder.js';
import type { Operator } from '../operator.js';
import type { Constant, Feature } from '../value.js';

/**
 * A constant that a feature map is added to or multiplied with, one number per channel, or one for all. Throws ERR_NETWORK
 * where it is larger than the feature map, or differs within a channel.
 */
export function channelValues(operator: Operator, feature: Feature, constant: Constant): Float64Array {
  const { dims, shape } = feature;
  if (constant.data.length === 1 && constant.shape.length <= dims.length) {
    return constant.data;
  }
  const missing = dims.length - constant.shape.length;
  const extents = dims.map((_, axis) => constant.shape[axis - missing] ?? 1);
  if (missing < 0 || extents.some((extent, axis) => extent !== 1 && extent !== dims[axis])) {
    throw operator.refuse(
      `joins numbers of extents [${constant.shape.join(', ')}] with a tensor of extents [${dims.join(', ')}], ` +
        'expected one number for each channel',
    );
  }
  const values = new Float64Array(shape[0]).fill(Number.NaN);
  const positions = positionsOf(feature);
  const plane = elementCount(shape) / shape[0];
  for (const [index, position] of positions.entries()) {
    const channel = Math.floor(position / plane);
    const value = constant.data[broadcastIndex(index, dims, extents)]!;
    if (!Number.isNaN(values[channel]!) && values[channel] !== value) {
      throw operator.refuse(
        'joins a feature map with numbers that differ from place to place, which no operation of the graph does; ' +
          'use one number for each channel',
      );
    }
    values[channel] = value;
  }
  return values;
}

/** Where the number for an element of a tensor of extents `dims` lies in one of extents `extents`, of which some are 1. */
export function broadcastIndex(index: number, dims: readonly number[], extents: readonly number[]): number {
  let rest = index;
  let stride = 1;
  let result = 0;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const place = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
    result += extents[axis] === 1 ? 0 : place * stride;
    stride *= extents[axis]!;
  }
  return result;
}
