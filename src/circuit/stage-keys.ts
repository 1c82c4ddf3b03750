import type { KeyRequirements, Step } from './circuit.js';
import { reduceStep, splitRotations } from './rotation-split.js';

/** The keys that a stage's steps read. */
export function stageKeys(steps: readonly Step[], slots: number): KeyRequirements {
  const rotations = new Set<number>();
  for (const step of steps) {
    for (const rotation of stepRotations(step, slots)) {
      rotations.add(rotation);
    }
  }
  return {
    rotations: [...rotations].sort((left, right) => left - right),
    relinearization: steps.some((step) => step.kind === 'square' || step.kind === 'polynomial'),
    conjugation: steps.some(
      (step) => step.kind === 'linear' && (step.conjugate || step.split.imaginaryShift !== undefined),
    ),
    bootstrap: steps.some((step) => step.kind === 'bootstrap'),
    level: Math.max(...steps.map((step) => step.level)),
  };
}

/** Rotations that one step needs a key for. */
export function stepRotations(step: Step, slots: number): number[] {
  if (step.kind === 'fold') {
    return [step.rotation];
  }
  if (step.kind !== 'linear') {
    return [];
  }
  const folds = step.folds.map((fold) => reduceStep(fold, slots));
  return [...splitRotations(step.split, slots), ...folds];
}
