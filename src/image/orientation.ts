import { type Tensor, tensor } from '../tensor/tensor.js';

/**
 * How a stored picture becomes the displayed one: its rows and columns are reversed where this says so, and then the two
 * change places where it is transposed.
 */
export interface Orientation {
  readonly rowsReversed: boolean;
  readonly columnsReversed: boolean;
  readonly transposed: boolean;
}

const orientation = (rowsReversed: boolean, columnsReversed: boolean, transposed: boolean): Orientation => ({
  rowsReversed,
  columnsReversed,
  transposed,
});

export const upright = orientation(false, false, false);

/** Values 1 to 8 of the tag Orientation (Exif 2.32, section 4.6.4). */
const byExifValue: readonly Orientation[] = [
  upright,
  orientation(false, true, false),
  orientation(true, true, false),
  orientation(true, false, false),
  orientation(false, false, true),
  orientation(true, false, true),
  orientation(true, true, true),
  orientation(false, true, true),
];

const orientationTag = 0x0112;
const shortType = 3;

/**
 * The orientation that Exif data names: a TIFF header and its first directory. Upright where the data names none or can't
 * be read, as a picture without it is.
 */
export function exifOrientation(exif: Uint8Array): Orientation {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  if (view.byteLength < 8) {
    return upright;
  }
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) {
    return upright;
  }
  const little = mark === 0x4949;
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > view.byteLength) {
    return upright;
  }
  const entries = view.getUint16(directory, little);
  for (let entry = 0; entry < entries; entry++) {
    const offset = directory + 2 + 12 * entry;
    if (offset + 12 > view.byteLength) {
      return upright;
    }
    if (view.getUint16(offset, little) === orientationTag && view.getUint16(offset + 2, little) === shortType) {
      return byExifValue[view.getUint16(offset + 8, little) - 1] ?? upright;
    }
  }
  return upright;
}

/** Turns stored pixels [channels, height, width] into the displayed ones. */
export function displayed(pixels: Tensor, { rowsReversed, columnsReversed, transposed }: Orientation): Tensor {
  const [channels, height, width] = pixels.shape as [number, number, number];
  const result = tensor(transposed ? [channels, width, height] : [channels, height, width]);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * height * width;
    for (let row = 0; row < height; row++) {
      const displayedRow = rowsReversed ? height - 1 - row : row;
      for (let column = 0; column < width; column++) {
        const displayedColumn = columnsReversed ? width - 1 - column : column;
        const place = transposed ? displayedColumn * height + displayedRow : displayedRow * width + displayedColumn;
        result.data[start + place] = pixels.data[start + row * width + column]!;
      }
    }
  }
  return result;
}
