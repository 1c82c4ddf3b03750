import { expect } from 'vitest';
import type { LinearStep } from '../../../src/circuit/circuit.js';
import type { SlotValues } from '../../../src/circuit/slot-values.js';

/** A linear step by its definition, diagonal by diagonal, without baby and giant steps. */
export function referenceLinear(step: LinearStep, inputs: readonly SlotValues[]): SlotValues {
  const part = (select: (values: SlotValues) => Float64Array | undefined, biased: boolean): Float64Array => {
    let sum = new Float64Array(step.terms[0]!.map.slots);
    for (const [index, { map }] of step.terms.entries()) {
      const input = select(inputs[index]!);
      for (const [offset, diagonal] of input === undefined ? [] : map.diagonals) {
        const shifted = rotated(input!, offset);
        for (let slot = 0; slot < sum.length; slot++) {
          sum[slot]! += diagonal[slot % map.period]! * shifted[slot]!;
        }
      }
    }
    for (const fold of step.folds) {
      const shifted = rotated(sum, fold);
      sum = sum.map((value, slot) => value + shifted[slot]!);
    }
    return biased ? sum.map((value, slot) => value + step.bias[slot % step.bias.length]!) : sum;
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
