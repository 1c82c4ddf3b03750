import type { CkksParameters } from './parameters.js';

/** log2 of the ciphertext modulus at a level. */
export function modulusBits({ moduliBits }: Pick<CkksParameters, 'moduliBits'>, level: number): number {
  return moduliBits.slice(0, level + 1).reduce((sum, bits) => sum + bits, 0);
}

/** How many of the primes of a level lie in each digit of its key switches. */
export function digitLimbs({ digits }: Pick<CkksParameters, 'digits'>, level: number): number[] {
  return Array.from({ length: digits[level]! }, (_, digit) => {
    return digits.slice(0, level + 1).filter((count) => count === digit + 1).length;
  });
}

/** log2 of the product of the primes of each digit of a level. */
export function digitBits(
  { digits, moduliBits }: Pick<CkksParameters, 'moduliBits' | 'digits'>,
  level: number,
): number[] {
  const bits = new Array<number>(digits[level]!).fill(0);
  for (let limb = 0; limb <= level; limb++) {
    bits[digits[limb]! - 1]! += moduliBits[limb]!;
  }
  return bits;
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
