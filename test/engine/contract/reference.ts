import { expect } from 'vitest';
import { type LinearOutput, type LinearStep, sourcesOf } from '../../../src/circuit/circuit.js';
import type { SlotValues } from '../../../src/circuit/slot-values.js';

/**
 * One output of a linear step by its definition, diagonal by diagonal, without baby and giant steps. Inputs in the order
 * of the step's sources.
 */
export function referenceLinear(
  step: LinearStep,
  inputs: readonly SlotValues[],
  output: LinearOutput = step.outputs[0]!,
): SlotValues {
  const names = sourcesOf(step);
  const part = (select: (values: SlotValues) => Float64Array | undefined, biased: boolean): Float64Array => {
    let sum = new Float64Array(step.slots);
    for (const { source, diagonals } of output.terms) {
      const input = select(inputs[names.indexOf(source)]!);
      for (const [offset, diagonal] of input === undefined ? [] : diagonals.values()) {
        const shifted = rotated(input!, offset);
        for (let slot = 0; slot < sum.length; slot++) {
          sum[slot]! += diagonal[slot % diagonals.period]! * shifted[slot]!;
        }
      }
    }
    for (const fold of step.folds) {
      const shifted = rotated(sum, fold);
      sum = sum.map((value, slot) => value + shifted[slot]!);
    }
    return biased ? sum.map((value, slot) => value + output.bias[slot % output.bias.length]!) : sum;
  };
  const real = part((values) => values.real, true);
  return step.conjugate ? { real, imaginary: part((values) => values.imaginary, true) } : { real };
}

/** T_k(x) = cos(k arccos x) */
export function chebyshevSum(coefficients: Float64Array, x: number): number {
  return coefficients.reduce((sum, coefficient, index) => sum + coefficient * Math.cos(index * Math.acos(x)), 0);
}

export function rotated(values: Float64Array, step: number): Float64Array {
  const count = values.length;
  return Float64Array.from({ length: count }, (_, slot) => values[(((slot + step) % count) + count) % count]!);
}

export function magnitude(values: Float64Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

export function distance(left: Float64Array, right: Float64Array): number {
  return left.reduce((max, value, slot) => Math.max(max, Math.abs(value - right[slot]!)), 0);
}

export function expectClose(found: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expect(distance(found, expected)).toBeLessThanOrEqual(tolerance);
}
