import { type Layout, slotOf } from '../../circuit/layout.js';
import type { LinearMap } from '../../circuit/linear-map.js';
import { reduceStep } from '../../circuit/rotation-split.js';
import type { Convolution } from '../../network/description.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { blockOf, convolvedLayout } from '../layouts/columns-outermost.js';

/**
 * The linear part of a convolution (no bias) from `input` to convolvedLayout(input, convolution).
 *
 * Circular width: the period is one block, the same weights for every column and image. Between the columns that a
 * stride keeps, the gaps then hold the results at the skipped columns. Zero padding: the weights depend on the column,
 * the period is the slot count, and the gaps become zero.
 * Rows outside the picture are cut off inside the weights in both cases.
 */
export function convolutionMap(convolution: Convolution, input: Layout, slots: number): LinearMap {
  const output = convolvedLayout(input, convolution);
  const circular = convolution.padding === 'circular-width';
  const period = circular ? blockOf(input) : slots;
  const [outputs, inputs, kernelHeight, kernelWidth] = convolution.weight.shape as [number, number, number, number];
  const diagonals = new Map<number, Float64Array>();
  const diagonalAt = (offset: number): Float64Array => {
    let diagonal = diagonals.get(offset);
    if (diagonal === undefined) {
      diagonal = new Float64Array(period);
      diagonals.set(offset, diagonal);
    }
    return diagonal;
  };

  for (let outputChannel = 0; outputChannel < outputs; outputChannel++) {
    for (let inputChannel = 0; inputChannel < inputs; inputChannel++) {
      for (let tapRow = 0; tapRow < kernelHeight; tapRow++) {
        for (let tapColumn = 0; tapColumn < kernelWidth; tapColumn++) {
          const dy = tapRow - (kernelHeight - 1) / 2;
          const dx = tapColumn - (kernelWidth - 1) / 2;
          const offset = dx * input.columnStride + dy * input.rowStride + inputChannel - outputChannel;
          const diagonal = diagonalAt(reduceStep(offset, slots));
          const index = ((outputChannel * inputs + inputChannel) * kernelHeight + tapRow) * kernelWidth + tapColumn;
          const weight = convolution.weight.data[index]!;
          for (let row = 0; row < output.height; row++) {
            const inputRow = row * convolution.stride + dy;
            if (inputRow < 0 || inputRow >= input.height) {
              continue;
            }
            if (circular) {
              diagonal[slotOf(output, 0, outputChannel, row, 0)]! += weight;
              continue;
            }
            for (let column = 0; column < output.width; column++) {
              const inputColumn = column * convolution.stride + dx;
              if (inputColumn < 0 || inputColumn >= input.width) {
                continue;
              }
              for (let image = 0; image < output.images; image++) {
                diagonal[slotOf(output, image, outputChannel, row, column)]! += weight;
              }
            }
          }
        }
      }
    }
  }
  return { name: convolution.name, slots, period, diagonals, input, output };
}

/**
 * The stem as the circuit computes it: its horizontal taps are input channels (tap * colours + colour), which the
 * client lays out, so that no column has to be rotated. Result: a convolution with a kernel of width 1.
 */
export function stemConvolution(stem: Convolution): Convolution {
  const [outputs, colours, kernelHeight, kernelWidth] = stem.weight.shape as [number, number, number, number];
  const weight: Tensor = tensor([outputs, colours * kernelWidth, kernelHeight, 1]);
  for (let output = 0; output < outputs; output++) {
    for (let colour = 0; colour < colours; colour++) {
      for (let row = 0; row < kernelHeight; row++) {
        for (let tap = 0; tap < kernelWidth; tap++) {
          const channel = tap * colours + colour;
          weight.data[(output * colours * kernelWidth + channel) * kernelHeight + row] =
            stem.weight.data[((output * colours + colour) * kernelHeight + row) * kernelWidth + tap]!;
        }
      }
    }
  }
  return { ...stem, weight };
}

/** The weights multiplied by a factor for each input channel and one for each output channel; the bias unchanged. */
export function scaleWeights(
  convolution: Convolution,
  inputFactors: Float64Array,
  outputFactors: Float64Array,
): Convolution {
  const { shape, data } = convolution.weight;
  const [, inputs, kernelHeight, kernelWidth] = shape as [number, number, number, number];
  const scaled = data.map((weight, index) => {
    const pair = Math.floor(index / (kernelHeight * kernelWidth));
    return weight * inputFactors[pair % inputs]! * outputFactors[Math.floor(pair / inputs)]!;
  });
  return { ...convolution, weight: tensor(shape, scaled) };
}

/** The map of a vector whose length is a period; the result's length is the larger of the two periods. */
export function applyToPeriodic(map: LinearMap, values: Float64Array): Float64Array {
  const result = new Float64Array(Math.max(map.period, values.length));
  // Periods are powers of two, so a mask is a modulus, of negative numbers too.
  const diagonalMask = map.period - 1;
  const valueMask = values.length - 1;
  for (const [offset, diagonal] of map.diagonals) {
    for (let slot = 0; slot < result.length; slot++) {
      result[slot]! += diagonal[slot & diagonalMask]! * values[(slot + offset) & valueMask]!;
    }
  }
  return result;
}

/** The map that multiplies every slot by `values` (whose length is a period): a single diagonal at offset 0. */
export function pointwiseMap(name: string, layout: Layout, slots: number, values: Float64Array): LinearMap {
  return { name, slots, period: values.length, diagonals: new Map([[0, values]]), input: layout, output: layout };
}

/** One value per channel, at every row of one block: a vector of one block, a period of all slots of the layout. */
export function spreadOverBlock(layout: Layout, channelValues: ArrayLike<number>): Float64Array {
  const block = new Float64Array(blockOf(layout));
  for (let channel = 0; channel < layout.channels; channel++) {
    for (let row = 0; row < layout.height; row++) {
      block[slotOf(layout, 0, channel, row, 0)] = channelValues[channel]!;
    }
  }
  return block;
}

/** One value per channel at every element of the layout and zero elsewhere, gaps between columns included. */
export function spreadOverElements(layout: Layout, slots: number, channelValues: ArrayLike<number>): Float64Array {
  const values = new Float64Array(slots);
  for (let image = 0; image < layout.images; image++) {
    for (let channel = 0; channel < layout.channels; channel++) {
      for (let row = 0; row < layout.height; row++) {
        for (let column = 0; column < layout.width; column++) {
          values[slotOf(layout, image, channel, row, column)] = channelValues[channel]!;
        }
      }
    }
  }
  return values;
}
