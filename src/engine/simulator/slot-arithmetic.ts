import type { SlotValues } from '../../circuit/slot-values.js';

/** Changes the real part, and the imaginary part where there is one. */
export function mapParts({ real, imaginary }: SlotValues, change: (part: Float64Array) => Float64Array): SlotValues {
  return imaginary === undefined ? { real: change(real) } : { real: change(real), imaginary: change(imaginary) };
}

/** Combines two slot vectors part by part and slot by slot. */
export function combineParts(
  left: SlotValues,
  right: SlotValues,
  combine: (a: number, b: number) => number,
): SlotValues {
  const real = left.real.map((value, slot) => combine(value, right.real[slot]!));
  if (left.imaginary === undefined && right.imaginary === undefined) {
    return { real };
  }
  const imaginary = real.map((_, slot) => combine(left.imaginary?.[slot] ?? 0, right.imaginary?.[slot] ?? 0));
  return { real, imaginary };
}

/** Slot by slot; real where both are real. */
export function complexProduct(left: SlotValues, right: SlotValues): SlotValues {
  if (left.imaginary === undefined && right.imaginary === undefined) {
    return { real: left.real.map((value, slot) => value * right.real[slot]!) };
  }
  const a = left.imaginary ?? new Float64Array(left.real.length);
  const b = right.imaginary ?? new Float64Array(left.real.length);
  return {
    real: left.real.map((value, slot) => value * right.real[slot]! - a[slot]! * b[slot]!),
    imaginary: left.real.map((value, slot) => value * b[slot]! + a[slot]! * right.real[slot]!),
  };
}

/** Slot j of the result: mean over all slots congruent to j modulo `count`, which a switch to a smaller ring leaves. */
export function averageCongruent(values: Float64Array, count: number): Float64Array {
  const result = new Float64Array(count);
  for (const [slot, value] of values.entries()) {
    result[slot % count]! += (value * count) / values.length;
  }
  return result;
}

/** Largest magnitude of any part of any slot. */
export function largest({ real, imaginary }: SlotValues): number {
  const magnitude = (values: Float64Array): number => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return Math.max(magnitude(real), imaginary === undefined ? 0 : magnitude(imaginary));
}

export function meanSquare(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
