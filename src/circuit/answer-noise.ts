import type { OutputPort } from './port.js';
import type { SlotValues } from './slot-values.js';

/**
 * How many standard deviations of the predicted noise a slot that must be zero may hold. False alarms: a Gaussian part
 * lies beyond 9 deviations with probability 2.3e-19 = 2^-62, so that of the 2^16 parts of 2^15 slots, more than any answer
 * has, one does with probability below 2^-45.
 */
export const zeroSlotDeviations = 9;

/** What the slots of an answer hold that the circuit leaves zero, and what noise they may hold. */
export interface ZeroSlotNoise {
  /** Largest magnitude of any part of them; Infinity where one is not a number, 0 where none are known. */
  readonly found: number;
  readonly allowed: number;
}

/**
 * Reads the zero slots of decrypted results: all slots of the circuit, or those of a smaller ring, of which slot j holds
 * the mean over all slots congruent to j and is zero where all of those are. A number that left its range anywhere in the
 * circuit wraps around the modulus, which puts noise of the modulus' size into every slot.
 *
 * `addedDeviation`: of noise that the client's engine adds to each slot when it decrypts.
 */
export function zeroSlotNoise(
  { zeros }: Pick<OutputPort, 'zeros'>,
  values: readonly SlotValues[],
  addedDeviation: number,
): ZeroSlotNoise {
  if (zeros === undefined) {
    return { found: 0, allowed: 0 };
  }
  const parts = values.flatMap(({ real, imaginary }) => (imaginary === undefined ? [real] : [real, imaginary]));
  let found = 0;
  for (const slot of zeroSlotsOf(zeros, values[0]!.real.length)) {
    for (const part of parts) {
      const magnitude = Math.abs(part[slot]!);
      found = Math.max(found, Number.isNaN(magnitude) ? Number.POSITIVE_INFINITY : magnitude);
    }
  }
  return { found, allowed: zeroSlotDeviations * Math.hypot(zeros.deviation, addedDeviation) };
}

/** The zero slots of an answer of `count` slots, a power of two as the period is. */
export function zeroSlotsOf({ period, runs }: NonNullable<OutputPort['zeros']>, count: number): number[] {
  const zero = new Uint8Array(period);
  for (const [start, end] of runs) {
    zero.fill(1, start, end);
  }
  const means = Math.min(count, period);
  return Array.from({ length: count }, (_, slot) => slot).filter((slot) => {
    for (let congruent = slot % means; congruent < period; congruent += means) {
      if (zero[congruent] === 0) {
        return false;
      }
    }
    return true;
  });
}
