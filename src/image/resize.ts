import { type Tensor, tensor } from '../tensor/tensor.js';
import { displayed } from './orientation.js';
import { type Raster, sampleAt } from './raster.js';

/**
 * The picture as displayed, cropped to the largest part in the middle of the same form and averaged by area to pixels
 * [3, displayedRows, displayedColumns], 0 to 255: each result is the mean of the part of the picture that it covers, partly covered pixels counting by their share.
 */
export function resizeTo(raster: Raster, displayedRows: number, displayedColumns: number): Tensor {
  const { width, height, orientation } = raster;
  const extents = [displayedRows, displayedColumns] as const;
  const [storedRows, storedColumns] = orientation.transposed ? [extents[1], extents[0]] : extents;
  const cropRows = Math.max(1, Math.min(height, Math.round((width * storedRows) / storedColumns)));
  const cropColumns = Math.max(1, Math.min(width, Math.round((height * storedColumns) / storedRows)));
  const top = cropStart(height, cropRows, orientation.rowsReversed);
  const left = cropStart(width, cropColumns, orientation.columnsReversed);
  const result = tensor([3, storedRows, storedColumns]);
  for (let row = 0; row < storedRows; row++) {
    const rows = coverage(row, cropRows, storedRows);
    for (let column = 0; column < storedColumns; column++) {
      const columns = coverage(column, cropColumns, storedColumns);
      for (let channel = 0; channel < 3; channel++) {
        let mean = 0;
        for (const [y, rowShare] of rows) {
          for (const [x, columnShare] of columns) {
            mean += rowShare * columnShare * sampleAt(raster, (top + y) * width + left + x, channel);
          }
        }
        result.data[(channel * storedRows + row) * storedColumns + column] = mean;
      }
    }
  }
  return displayed(result, orientation);
}

/** Where the middle part of a stored side begins; of an odd rest the smaller half lies before it as displayed. */
function cropStart(length: number, crop: number, reversed: boolean): number {
  const before = Math.floor((length - crop) / 2);
  return reversed ? length - crop - before : before;
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
