import type { RotationSplit } from '../circuit/circuit.js';
import { reduceStep } from '../circuit/rotation-split.js';

/** How the offsets of a map are divided among baby and giant steps. */
export interface SplitShape {
  /** Baby steps along channels and rows: 0 .. babies - 1. */
  readonly babies: number;
  /** Which side takes the rotations by whole columns. */
  readonly columns: 'baby' | 'giant';
}

/**
 * Splits offsets column * columnStride + r, |r| <= columnStride / 2, as r = babies * floor(r / babies) + rest.
 * The giant steps of a column form two chains, upwards and downwards, whose hops are all +babies or -babies; the
 * columns hang on column 0. So any number of giant steps needs four keys at most.
 */
export function splitOffsets(
  offsets: Iterable<number>,
  columnStride: number,
  slots: number,
  shape: SplitShape,
): RotationSplit {
  const babies = new Set<number>();
  /** By column: the smallest and largest multiple of `babies` in use. */
  const reaches = new Map<number, { lowest: number; highest: number }>([[0, { lowest: 0, highest: 0 }]]);
  for (const offset of offsets) {
    const column = Math.ceil(offset / columnStride - 0.5) * columnStride;
    const rest = offset - column;
    const multiple = Math.floor(rest / shape.babies);
    const baby = rest - multiple * shape.babies;
    babies.add(shape.columns === 'baby' ? column + baby : baby);
    const giantColumn = shape.columns === 'giant' ? column : 0;
    const reach = reaches.get(giantColumn) ?? { lowest: 0, highest: 0 };
    reaches.set(giantColumn, {
      lowest: Math.min(reach.lowest, multiple),
      highest: Math.max(reach.highest, multiple),
    });
  }
  const tree = new GiantTree();
  const columns = [...reaches.keys()].sort((left, right) => left - right).filter((column) => column !== 0);
  const columnRoots = columns.map((column) => tree.addChains(column, shape.babies, reaches.get(column)!));
  const root = tree.addChains(0, shape.babies, reaches.get(0)!);
  for (const columnRoot of columnRoots) {
    tree.parents[columnRoot] = root;
  }
  return {
    babySteps: [...babies].map((step) => reduceStep(step, slots)).sort((left, right) => left - right),
    giantSteps: tree.steps,
    giantParents: tree.parents,
  };
}

/**
 * The same for a real input whose copy in the imaginary part serves the offsets with r < 0: they are moved up by the
 * columns' half reach, which leaves about half of the giant steps. Undefined where no offset has r < 0.
 */
export function splitWithCopy(
  offsets: Iterable<number>,
  columnStride: number,
  slots: number,
  shape: SplitShape,
): RotationSplit | undefined {
  const all = [...offsets];
  const rests = all.map((offset) => offset - Math.ceil(offset / columnStride - 0.5) * columnStride);
  const lowest = Math.min(...rests);
  if (lowest >= 0) {
    return undefined;
  }
  // A multiple of the hop, so that its key may already be there.
  const shift = -Math.ceil(-lowest / shape.babies) * shape.babies;
  const moved = all.map((offset, index) => (rests[index]! < 0 ? offset - shift : offset));
  return { ...splitOffsets(moved, columnStride, slots, shape), imaginaryShift: shift };
}

/** Every offset as a baby step: for steps whose outputs share the rotations of their sources. */
export function splitWithoutGiants(offsets: Iterable<number>, slots: number): RotationSplit {
  const babies = new Set([...offsets].map((offset) => reduceStep(offset, slots)));
  return { babySteps: [...babies].sort((left, right) => left - right), giantSteps: [0], giantParents: [-1] };
}

class GiantTree {
  readonly steps: number[] = [];
  readonly parents: number[] = [];

  /** Adds a column's two chains, ends first, and the column itself; returns the column's index. */
  addChains(column: number, hop: number, reach: { readonly lowest: number; readonly highest: number }): number {
    const ends: number[] = [];
    for (const direction of [-1, 1]) {
      const length = direction < 0 ? -reach.lowest : reach.highest;
      for (let distance = length; distance >= 1; distance--) {
        const index = this.#add(column + direction * distance * hop);
        if (distance === 1) {
          ends.push(index);
        } else {
          this.parents[index] = index + 1;
        }
      }
    }
    const columnIndex = this.#add(column);
    for (const end of ends) {
      this.parents[end] = columnIndex;
    }
    return columnIndex;
  }

  #add(step: number): number {
    this.parents.push(-1);
    return this.steps.push(step) - 1;
  }
}
