import type { RotationSplit } from './circuit.js';

/** The pair of a split that serves one offset: indices into babySteps and giantSteps. */
export interface StepPair {
  readonly baby: number;
  readonly giant: number;
  /** Through the source's copy in the imaginary part, rotated by the split's imaginaryShift. */
  readonly copy: boolean;
}

/** A rotation by `step` slots, reduced to (-slots/2, slots/2]. */
export function reduceStep(step: number, slots: number): number {
  const wrapped = ((step % slots) + slots) % slots;
  return wrapped > slots / 2 ? wrapped - slots : wrapped;
}

/** The rotation by which the j-th giant step's sum reaches its parent's; 0 for the root. */
export function hopOf(split: RotationSplit, giant: number): number {
  const parent = split.giantParents[giant]!;
  return parent < 0 ? 0 : split.giantSteps[giant]! - split.giantSteps[parent]!;
}

/** The rotations that need a key: baby steps, hops, the copy's; nonzero, reduced to (-slots/2, slots/2], ascending. */
export function splitRotations(split: RotationSplit, slots: number): number[] {
  const hops = split.giantSteps.map((_, giant) => hopOf(split, giant));
  const steps = [...split.babySteps, ...hops, split.imaginaryShift ?? 0];
  const rotations = new Set(steps.map((step) => reduceStep(step, slots)));
  rotations.delete(0);
  return [...rotations].sort((left, right) => left - right);
}

/**
 * Which pair serves each offset: the first in the order of the giant steps, then of the baby steps, the source itself
 * before its copy.
 * Throws RangeError when the split's tree is malformed or leaves an offset without a pair.
 */
export function assignOffsets(
  split: RotationSplit,
  offsets: Iterable<number>,
  slots: number,
): ReadonlyMap<number, StepPair> {
  checkTree(split);
  const babies = new Map<number, number>();
  for (const [index, step] of split.babySteps.entries()) {
    const reduced = reduceStep(step, slots);
    if (!babies.has(reduced)) {
      babies.set(reduced, index);
    }
  }
  const pairs = new Map<number, StepPair>();
  const find = (sum: number, copy: boolean): StepPair | undefined => {
    const giant = split.giantSteps.findIndex((step) => babies.has(reduceStep(sum - step, slots)));
    return giant < 0
      ? undefined
      : { baby: babies.get(reduceStep(sum - split.giantSteps[giant]!, slots))!, giant, copy };
  };
  for (const offset of offsets) {
    const shift = split.imaginaryShift;
    const pair = find(offset, false) ?? (shift === undefined ? undefined : find(offset - shift, true));
    if (pair === undefined) {
      throw new RangeError(`no baby step and giant step add up to the offset ${offset}`);
    }
    pairs.set(offset, pair);
  }
  return pairs;
}

function checkTree(split: RotationSplit): void {
  const { giantSteps, giantParents } = split;
  const last = giantSteps.length - 1;
  const wellFormed =
    giantParents.length === giantSteps.length &&
    giantSteps[last] === 0 &&
    giantParents.every((parent, index) => (index === last ? parent === -1 : parent > index && parent <= last));
  if (!wellFormed) {
    throw new RangeError('giant steps must form a tree, children before parents, whose root is the last and is 0');
  }
}
