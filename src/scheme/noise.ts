import type { Parameters, SecretDistribution } from './parameters.js';

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

/** Where and how a linear step's diagonals are encoded. */
export interface DiagonalEncoding {
  /** Level of the step. */
  readonly level: number;
  readonly period: number;
  readonly inputScale: number;
  readonly outputScale: number;
}

/** Standard deviation of the entries of an encoded diagonal, for a linear step that turns one scale into another. */
export function weightDeviation(parameters: Parameters, { level, period, inputScale, outputScale }: DiagonalEncoding) {
  const scale =
    parameters.engine === 'ckks' ? (outputScale * 2 ** parameters.moduliBits[level]!) / inputScale : outputScale;
  return encodingDeviation(period) / scale;
}

/**
 * Standard deviation, at most, of each part of a slot to which a linear step gives no weight, in a circuit's answer: the
 * rounding of the step's weights times its inputs (root mean square at most `inputSize`), diagonal by diagonal and summed
 * by the folds, the step's rescale, and the division by the special prime in the switch to the answer's ring. The noise of
 * the inputs meets no weight, and key switches inside the step round at the scale of a product, 2^-40 of this. A mean over
 * congruent slots is no larger.
 */
export function zeroSlotDeviation(
  parameters: Parameters,
  step: DiagonalEncoding & { readonly diagonals: number; readonly folds: number; readonly inputSize: number },
): number {
  const rounding = roundingDeviation(parameters.ringDimension, parameters.secret) / step.outputScale;
  const summands = step.diagonals * 2 ** step.folds;
  return Math.hypot(Math.sqrt(summands) * weightDeviation(parameters, step) * step.inputSize, rounding, rounding);
}
