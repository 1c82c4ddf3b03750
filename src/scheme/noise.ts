import type { SecretDistribution } from './parameters.js';

/**
 * Standard deviation that rounding both polynomials of a ciphertext (a rescale, a division by special primes) adds to
 * the real part of a slot, and to the imaginary part, at scale 1.
 * Each coefficient of both polynomials is off by a uniform rounding error of variance 1/12, the second one's error is
 * multiplied by the secret, which has `weight` coefficients of size 1: variance (1 + weight) / 12 per coefficient.
 * A slot's real part collects half the ring dimension's worth of it. N = 2^16, uniform ternary: 2^13.4.
 */
export function roundingDeviation(ringDimension: number, secret: SecretDistribution): number {
  const weight = secret === 'hamming-192' ? 192 : (2 * ringDimension) / 3;
  return Math.sqrt(((ringDimension / 2) * (1 + weight)) / 12);
}

/**
 * Standard deviation of a slot of an encoded diagonal at scale 1: 2 * period coefficients, each rounded with variance
 * 1/12. Fixed once encoded; to a circuit's result it is as good as noise.
 */
export function encodingDeviation(period: number): number {
  return Math.sqrt(period / 6);
}
