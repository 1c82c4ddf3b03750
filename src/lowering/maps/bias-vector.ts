import type { Layout } from '../../circuit/layout.js';
import type { Shape } from '../../network/graph.js';
import type { Tensor } from '../../tensor/tensor.js';
import { elementsWithin } from './elements.js';

/** The bias of a layer in the first `period` slots of each ciphertext: zero where no element lies. */
export function biasVectors(
  bias: Tensor,
  [channels, height, width]: Shape,
  layout: Layout,
  period: number,
): ReadonlyMap<number, Float64Array> {
  const places = bias.data.length === channels ? 0 : 1;
  return new Map(
    [...elementsWithin(layout, period)].map(([ciphertext, elements]) => {
      const values = new Float64Array(period);
      for (const { channel, row, column, slot } of elements) {
        values[slot] = bias.data[places === 0 ? channel : (channel * height + row) * width + column]!;
      }
      return [ciphertext, values];
    }),
  );
}

/** Whether a bias is the same in all columns. */
export function isColumnConstant(bias: Tensor, [channels, , width]: Shape): boolean {
  return (
    bias.data.length === channels || bias.data.every((value, index) => value === bias.data[index - (index % width)])
  );
}
