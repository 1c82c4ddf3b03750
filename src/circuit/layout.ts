/** `copy`: every element once more. */
export type Axis = 'image' | 'channel' | 'row' | 'column' | 'copy';

/** One digit of a coordinate: each unit of it moves an element by so many slots and ciphertexts. */
export interface LayoutDigit {
  readonly axis: Axis;
  readonly extent: number;
  readonly slotStride: number;
  readonly ciphertextStride: number;
}

/**
 * Where element (image, channel, row, column, copy) of a batch of feature maps lies: in which ciphertext and which slot.
 * Each coordinate is written in its axis's digits, the least significant first; ciphertext and slot are the sums of
 * digit times stride. An axis without digits has extent 1.
 */
export interface Layout {
  readonly digits: readonly LayoutDigit[];
  /** Extents of axes whose digits have room for more. */
  readonly extents?: Readonly<Partial<Record<Axis, number>>> | undefined;
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

/** Extent of an axis: that which the layout states, else the product of its digits'. */
export function extentOf(layout: Layout, axis: Axis): number {
  return layout.extents?.[axis] ?? digitsOf(layout, axis).reduce((product, { extent }) => product * extent, 1);
}

/** Of an axis's extent what lies across ciphertexts: the product of those digits'. */
export function extentAcross(layout: Layout, axis: Axis): number {
  return digitsOf(layout, axis).reduce(
    (product, { extent, slotStride }) => product * (slotStride === 0 ? extent : 1),
    1,
  );
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

/** Distance in slots between columns or, where a layout has copies in their stead, between those; 0 without either. */
export function columnStrideOf(layout: Layout): number {
  return slotStrideOf(layout, 'column') || slotStrideOf(layout, 'copy');
}

/** Whether every element has a slot of its own among `slots` slots. */
export function fitsSlots(layout: Layout, slots: number): boolean {
  const digits = layout.digits.filter(({ extent, slotStride }) => extent > 1 && slotStride !== 0);
  const ascending = digits.sort((left, right) => left.slotStride - right.slotStride);
  let taken = 1;
  for (const { extent, slotStride } of ascending) {
    if (!Number.isInteger(slotStride) || slotStride < taken) {
      return false;
    }
    taken += (extent - 1) * slotStride;
  }
  return taken <= slots;
}
