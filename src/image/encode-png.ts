import { PNG } from 'pngjs';
import type { Tensor } from '../tensor/tensor.js';

const greyColourType = 0;
const rgbColourType = 2;

/** A PNG file of pixels [1 or 3, height, width], grey or RGB: values are rounded and brought into 0 to 255. */
export function encodePng({ shape, data }: Tensor): Buffer {
  const [channels, height, width] = shape as [number, number, number];
  const plane = height * width;
  const png = new PNG({ width, height });
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const value = data[(channels === 1 ? 0 : colour) * plane + pixel]!;
      png.data[4 * pixel + colour] = Math.min(255, Math.max(0, Math.round(value)));
    }
    png.data[4 * pixel + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: channels === 1 ? greyColourType : rgbColourType });
}
