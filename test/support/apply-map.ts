import { ciphertextCount, type Layout, placesAlong } from '../../src/circuit/layout.js';
import type { LinearMap } from '../../src/circuit/linear-map.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';

/** Feature maps, one per image, in the slots of as many ciphertexts as the layout takes; all other slots are `elsewhere`. */
export function layOut(layout: Layout, slots: number, images: readonly Tensor[], elsewhere = 0): Float64Array[] {
  const ciphertexts = Array.from({ length: ciphertextCount(layout) }, () => new Float64Array(slots).fill(elsewhere));
  for (const [index, image] of images.entries()) {
    forEachPlace(layout, index, image.shape, (element, ciphertext, slot) => {
      ciphertexts[ciphertext]![slot] = image.data[element]!;
    });
  }
  return ciphertexts;
}

/** The feature map of one image, from one of its copies. */
export function readOut(
  layout: Layout,
  ciphertexts: readonly Float64Array[],
  image: number,
  shape: readonly number[],
  copy = 0,
): Tensor {
  const found = tensor(shape);
  const shift = placesAlong(layout, 'copy')[copy]!.slot;
  forEachPlace(layout, image, shape, (element, ciphertext, slot) => {
    found.data[element] = ciphertexts[ciphertext]![slot + shift]!;
  });
  return found;
}

function forEachPlace(
  layout: Layout,
  image: number,
  [channels, height, width]: readonly number[],
  visit: (element: number, ciphertext: number, slot: number) => void,
): void {
  const along = (['image', 'channel', 'row', 'column'] as const).map((axis) => placesAlong(layout, axis));
  for (let element = 0; element < channels! * height! * width!; element++) {
    const column = element % width!;
    const row = Math.floor(element / width!) % height!;
    const channel = Math.floor(element / (width! * height!));
    const places = [image, channel, row, column].map((coordinate, axis) => along[axis]![coordinate]!);
    visit(
      element,
      places.reduce((sum, place) => sum + place.ciphertext, 0),
      places.reduce((sum, place) => sum + place.slot, 0),
    );
  }
}

/** output[i] = sum over diagonals of diagonal[i mod period] * input[(i + offset) mod slots], by the definition. */
export function applyMap({ blocks }: LinearMap, inputs: readonly Float64Array[], outputs: number): Float64Array[] {
  const slots = inputs[0]!.length;
  const results = Array.from({ length: outputs }, () => new Float64Array(slots));
  for (const { from, to, diagonals } of blocks) {
    for (const [offset, values] of diagonals.values()) {
      for (let slot = 0; slot < slots; slot++) {
        const source = (((slot + offset) % slots) + slots) % slots;
        results[to]![slot]! += values[slot % diagonals.period]! * inputs[from]![source]!;
      }
    }
  }
  return results;
}
