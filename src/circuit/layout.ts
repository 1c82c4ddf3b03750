export type Axis = 'image' | 'channel' | 'row' | 'column';

export const axes: readonly Axis[] = ['image', 'channel', 'row', 'column'];

/** One digit of a coordinate: each unit of it moves an element by so many slots and ciphertexts. */
export interface LayoutDigit {
  readonly axis: Axis;
  readonly extent: number;
  readonly slotStride: number;
  readonly ciphertextStride: number;
}

/**
 * Where element (image, channel, row, column) of a batch of feature maps lies: in which ciphertext, and in which slot.
 * Each coordinate is written in its axis's digits, the least significant first; ciphertext and slot are the sums of
 * digit times stride. An axis without digits has extent 1.
 */
export interface Layout {
  readonly digits: readonly LayoutDigit[];
  /** What lies in slots that belong to no element (after a strided convolution, for instance). */
  readonly gaps: 'zero' | 'unspecified';
}

export interface Place {
  readonly ciphertext: number;
  readonly slot: number;
}

export function digitsOf(layout: Layout, axis: Axis): readonly LayoutDigit[] {
  return layout.digits.filter((digit) => digit.axis === axis);
}

/** Extent of an axis: the product of its digits'. */
export function extentOf(layout: Layout, axis: Axis): number {
  return digitsOf(layout, axis).reduce((product, { extent }) => product * extent, 1);
}

/** Ciphertexts that the elements lie in. */
export function ciphertextCount(layout: Layout): number {
  return 1 + layout.digits.reduce((sum, { extent, ciphertextStride }) => sum + (extent - 1) * ciphertextStride, 0);
}

/** Place of every coordinate of an axis while all other coordinates are 0. */
export function placesAlong(layout: Layout, axis: Axis): readonly Place[] {
  const digits = digitsOf(layout, axis);
  return Array.from({ length: extentOf(layout, axis) }, (_, coordinate) => {
    let ciphertext = 0;
    let slot = 0;
    let rest = coordinate;
    for (const { extent, slotStride, ciphertextStride } of digits) {
      const digit = rest % extent;
      rest = (rest - digit) / extent;
      ciphertext += digit * ciphertextStride;
      slot += digit * slotStride;
    }
    return { ciphertext, slot };
  });
}

/** Place of one element. */
export function placeOf(layout: Layout, element: Readonly<Record<Axis, number>>): Place {
  const places = axes.map((axis) => placesAlong(layout, axis)[element[axis]]!);
  return {
    ciphertext: places.reduce((sum, place) => sum + place.ciphertext, 0),
    slot: places.reduce((sum, place) => sum + place.slot, 0),
  };
}

/**
 * Distance in slots between neighbours along an axis that has one digit within a ciphertext; 0 where all of the axis
 * lies across ciphertexts, or has extent 1 without a digit. Throws RangeError for an axis with several such digits.
 */
export function slotStrideOf(layout: Layout, axis: Axis): number {
  const [digit, second] = digitsOf(layout, axis).filter(({ slotStride }) => slotStride !== 0);
  if (second !== undefined) {
    throw new RangeError(`the ${axis} axis has several digits in the slots`);
  }
  return digit?.slotStride ?? 0;
}
