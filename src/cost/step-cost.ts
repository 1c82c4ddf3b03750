import type { LinearStep, Step } from '../circuit/circuit.js';
import { periodOf } from '../circuit/linear-step.js';
import { assignOffsets } from '../circuit/rotation-split.js';
import type { CostModel, LinearWork } from './cost-model.js';

const counted = new WeakMap<LinearStep, LinearWork>();

/** What a linear step consists of; counted once, as a step never changes and predictions are asked for at every run. */
export function linearWork(step: LinearStep): LinearWork {
  const work = counted.get(step) ?? countWork(step);
  counted.set(step, work);
  return work;
}

function countWork(step: LinearStep): LinearWork {
  const babiesBySource = new Map<string, Set<number>>();
  const packedSources = new Set<string>();
  let products = 0;
  for (const { source, diagonals } of step.outputs.flatMap(({ terms }) => terms)) {
    const babies = babiesBySource.get(source) ?? new Set<number>();
    babiesBySource.set(source, babies);
    const pairs = [...assignOffsets(step.split, diagonals.offsets, step.slots).values()];
    products += new Set(pairs.map(({ baby, giant }) => giant * step.split.babySteps.length + baby)).size;
    for (const { baby, copy } of pairs) {
      if (step.split.babySteps[baby] !== 0) {
        babies.add(baby);
      }
      if (copy) {
        packedSources.add(source);
      }
    }
  }
  const rotated = [...babiesBySource.values()].filter(({ size }) => size > 0);
  return {
    level: step.level,
    products,
    periodic: periodOf(step) < step.slots,
    period: periodOf(step),
    outputs: step.outputs.length,
    sources: rotated.length,
    babies: rotated.reduce((sum, { size }) => sum + size, 0),
    hops: step.outputs.length * (step.split.giantSteps.length - 1),
    folds: step.outputs.length * step.folds.length,
    conjugate: step.conjugate,
    packedSources: packedSources.size,
  };
}

/** Predicted seconds of any step. */
export function stepSeconds(step: Step, model: CostModel): number {
  return stepCost(step)(model);
}

/** Predicted seconds of a step as a function of the model: its work is counted once. */
export function stepCost(step: Step): (model: CostModel) => number {
  switch (step.kind) {
    case 'linear': {
      const work = linearWork(step);
      return (model) => model.linearSeconds(work);
    }
    case 'square':
      return (model) => model.squareSeconds(step.level, step.componentwise);
    case 'polynomial':
      return (model) => model.polynomialSeconds(step.level, step.polynomial.coefficients.length - 1);
    case 'fold':
      // A key switch is most of either.
      return (model) => model.squareSeconds(step.level, false);
    case 'bootstrap':
      return (model) => model.bootstrapSeconds();
  }
}
