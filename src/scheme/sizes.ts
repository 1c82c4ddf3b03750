import type { CkksParameters } from './parameters.js';

/** log2 of the ciphertext modulus at a level. */
export function modulusBits(parameters: CkksParameters, level: number): number {
  return parameters.firstPrimeBits + level * parameters.scalingPrimeBits;
}

/** log2 of the modulus of a key made for a level: the ciphertext's primes and the special primes. */
export function keyModulusBits(parameters: CkksParameters, level: number): number {
  return modulusBits(parameters, level) + parameters.specialPrimes[level]! * parameters.specialPrimeBits;
}

/** log2 of the largest modulus of any key. */
export function largestKeyModulusBits(parameters: CkksParameters): number {
  const levels = Array.from({ length: parameters.levels + 1 }, (_, level) => level);
  return Math.max(...levels.map((level) => keyModulusBits(parameters, level)));
}

/**
 * Special primes for key switching with a single digit at every level: enough that the digit is at most
 * `slackBits` wider than their product, whose rounding then drowns in the noise of the scale above.
 */
export function singleDigitSpecialPrimes(
  shape: Pick<CkksParameters, 'firstPrimeBits' | 'scalingPrimeBits' | 'levels' | 'specialPrimeBits'>,
  slackBits: number,
): number[] {
  return Array.from({ length: shape.levels + 1 }, (_, level) => {
    const digitBits = shape.firstPrimeBits + level * shape.scalingPrimeBits;
    return Math.max(1, Math.ceil((digitBits - slackBits) / shape.specialPrimeBits));
  });
}
