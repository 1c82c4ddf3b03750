import type { LinearMap, MapBlock } from '../../circuit/linear-map.js';

/** Reports every pair of an output and an input that belong together, and the weight between them. */
export type WeightVisitor = (from: number, outputSlot: number, offset: number, weight: number) => void;

/**
 * A map given by its weights. `visitTarget` visits all weights of one target ciphertext: source ciphertext, slot of the
 * output (below the period), offset (reduced) and weight; weights of zero are part of the structure and count.
 *
 * Diagonals are made when they are asked for, those of a target together, and handed out once: a map that is executed
 * target by target holds one target's.
 */
export function blockMap(
  targets: Iterable<number>,
  period: number,
  visitTarget: (target: number, visit: WeightVisitor) => void,
): LinearMap {
  const blocks: MapBlock[] = [];
  for (const to of targets) {
    const offsets = new Map<number, Set<number>>();
    visitTarget(to, (from, _, offset) => {
      const found = offsets.get(from) ?? new Set();
      offsets.set(from, found);
      found.add(offset);
    });
    let made = new Map<number, Map<number, Float64Array>>();
    const take = (from: number): ReadonlyMap<number, Float64Array> => {
      if (!made.has(from)) {
        made = diagonalsOf(period, (visit) => visitTarget(to, visit));
      }
      const diagonals = made.get(from)!;
      made.delete(from);
      return diagonals;
    };
    for (const [from, found] of offsets) {
      blocks.push({ from, to, diagonals: { period, offsets: [...found], values: () => take(from) } });
    }
  }
  return { blocks };
}

/** All diagonals of one target, by source and offset. */
function diagonalsOf(period: number, visitAll: (visit: WeightVisitor) => void): Map<number, Map<number, Float64Array>> {
  const made = new Map<number, Map<number, Float64Array>>();
  visitAll((from, outputSlot, offset, weight) => {
    const diagonals = made.get(from) ?? new Map<number, Float64Array>();
    made.set(from, diagonals);
    const diagonal = diagonals.get(offset) ?? new Float64Array(period);
    diagonals.set(offset, diagonal);
    diagonal[outputSlot]! += weight;
  });
  return made;
}
