import { type Tensor, tensor } from '../tensor/tensor.js';

/**
 * Pixels [channels, height, width] cropped to the square in the middle and averaged by area to [channels, side, side]:
 * each result is the mean of the part of the picture that it covers, partly covered pixels counting by their share.
 */
export function resizeToSquare(pixels: Tensor, side: number): Tensor {
  const [channels, height, width] = pixels.shape as [number, number, number];
  const crop = Math.min(height, width);
  const top = Math.floor((height - crop) / 2);
  const left = Math.floor((width - crop) / 2);
  const result = tensor([channels, side, side]);
  for (let row = 0; row < side; row++) {
    const rows = coverage(row, crop, side);
    for (let column = 0; column < side; column++) {
      const columns = coverage(column, crop, side);
      for (let channel = 0; channel < channels; channel++) {
        let mean = 0;
        for (const [y, rowShare] of rows) {
          for (const [x, columnShare] of columns) {
            mean += rowShare * columnShare * pixels.data[(channel * height + top + y) * width + left + x]!;
          }
        }
        result.data[(channel * side + row) * side + column] = mean;
      }
    }
  }
  return result;
}

/** Source positions under target position `index` when `source` pixels become `target`, with their shares (sum 1). */
function coverage(index: number, source: number, target: number): [position: number, share: number][] {
  const start = (index * source) / target;
  const end = ((index + 1) * source) / target;
  const covered: [number, number][] = [];
  for (let position = Math.floor(start); position < end; position++) {
    const share = (Math.min(end, position + 1) - Math.max(start, position)) / (end - start);
    covered.push([position, share]);
  }
  return covered;
}
