import { type Axis, type Layout, placesAlong } from '../../circuit/layout.js';

/** An element of a layout with the slot that it lies in. */
export interface PlacedElement {
  readonly image: number;
  readonly channel: number;
  readonly row: number;
  readonly column: number;
  /** Slots from the first copy to this one. */
  readonly copyShift: number;
  readonly slot: number;
}

/** The elements of a layout that lie in the first `period` slots, by ciphertext. */
export function elementsWithin(layout: Layout, period: number): ReadonlyMap<number, readonly PlacedElement[]> {
  const near = (axis: Axis) => [...placesAlong(layout, axis).entries()].filter(([, { slot }]) => slot < period);
  const [images, channels, rows, columns] = [near('image'), near('channel'), near('row'), near('column')];
  const found = new Map<number, PlacedElement[]>();
  for (const [, { slot: copyShift }] of near('copy')) {
    for (const [image, imagePlace] of images) {
      for (const [channel, channelPlace] of channels) {
        for (const [row, rowPlace] of rows) {
          for (const [column, columnPlace] of columns) {
            const places = [imagePlace, channelPlace, rowPlace, columnPlace];
            const slot = places.reduce((sum, place) => sum + place.slot, copyShift);
            if (slot < period) {
              const ciphertext = places.reduce((sum, place) => sum + place.ciphertext, 0);
              const elements = found.get(ciphertext) ?? [];
              found.set(ciphertext, elements);
              elements.push({ image, channel, row, column, copyShift, slot });
            }
          }
        }
      }
    }
  }
  return found;
}

/** Places of a layout's elements, looked up by coordinate; of the first copy. */
export class Places {
  readonly #image;
  readonly #channel;
  readonly #row;
  readonly #column;

  constructor(layout: Layout) {
    this.#image = placesAlong(layout, 'image');
    this.#channel = placesAlong(layout, 'channel');
    this.#row = placesAlong(layout, 'row');
    this.#column = placesAlong(layout, 'column');
  }

  slot(image: number, channel: number, row: number, column: number): number {
    return this.#image[image]!.slot + this.#channel[channel]!.slot + this.#row[row]!.slot + this.#column[column]!.slot;
  }

  ciphertext(image: number, channel: number, row: number, column: number): number {
    return (
      this.#image[image]!.ciphertext +
      this.#channel[channel]!.ciphertext +
      this.#row[row]!.ciphertext +
      this.#column[column]!.ciphertext
    );
  }
}

/** Runs [first, behind the last] of the slots of one period that hold 0. */
export function zeroRuns(written: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let start = written.indexOf(0); start >= 0; ) {
    const next = written.indexOf(1, start);
    const end = next < 0 ? written.length : next;
    runs.push([start, end]);
    start = written.indexOf(0, end);
  }
  return runs;
}
