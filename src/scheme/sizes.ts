import type { CkksParameters } from './parameters.js';

/** log2 of the ciphertext modulus at a level. */
export function modulusBits({ moduliBits }: Pick<CkksParameters, 'moduliBits'>, level: number): number {
  return moduliBits.slice(0, level + 1).reduce((sum, bits) => sum + bits, 0);
}

/** log2 of the modulus of a key made for a level: the ciphertext's primes and the special primes. */
export function keyModulusBits(parameters: CkksParameters, level: number): number {
  return modulusBits(parameters, level) + parameters.specialPrimes[level]! * parameters.specialPrimeBits;
}

/** log2 of the largest modulus of any key. */
export function largestKeyModulusBits(parameters: CkksParameters): number {
  return Math.max(...parameters.moduliBits.map((_, level) => keyModulusBits(parameters, level)));
}

/**
 * Special primes for key switching with a single digit at every level: enough that the digit is at most
 * `slackBits` wider than their product, whose rounding then drowns in the noise of the scale above.
 */
export function singleDigitSpecialPrimes(
  shape: Pick<CkksParameters, 'moduliBits' | 'specialPrimeBits'>,
  slackBits: number,
): number[] {
  return shape.moduliBits.map((_, level) =>
    Math.max(1, Math.ceil((modulusBits(shape, level) - slackBits) / shape.specialPrimeBits)),
  );
}
