import { type Tensor, tensor } from '../tensor/tensor.js';

/** Constants per channel, of pixels divided by 255. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** (pixel / 255 - mean) / deviation, per channel. Pixels: [channels, height, width], 0 to 255. */
export function normalise(pixels: Tensor, normalisation: Normalisation): Tensor {
  const [channels] = pixels.shape as [number, number, number];
  if (normalisation.mean.length !== channels || normalisation.deviation.length !== channels) {
    throw new RangeError(`normalisation needs ${channels} means and deviations`);
  }
  const plane = pixels.data.length / channels;
  const result = tensor(pixels.shape);
  for (let i = 0; i < result.data.length; i++) {
    const channel = Math.floor(i / plane);
    result.data[i] = (pixels.data[i]! / 255 - normalisation.mean[channel]!) / normalisation.deviation[channel]!;
  }
  return result;
}
