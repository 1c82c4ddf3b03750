import { type Tensor, tensor } from '../../src/tensor/tensor.js';

/** An image whose every value is `factor` times as large. */
export function scaledImage({ shape, data }: Tensor, factor: number): Tensor {
  return tensor(
    shape,
    data.map((value) => factor * value),
  );
}
