import { FheError } from '../../errors.js';
import { type CkksParameters, maximumLevelOf } from '../../scheme/parameters.js';
import type { NativeParameters } from './binding.js';

/**
 * Parameters as the native library takes them: one size for all primes after the first. Throws ERR_PROFILE for primes of
 * other sizes.
 */
export function nativeParameters(parameters: CkksParameters): NativeParameters {
  const [firstPrimeBits, scalingPrimeBits = 0, ...others] = parameters.moduliBits as [number, ...number[]];
  if (others.some((bits) => bits !== scalingPrimeBits)) {
    throw new FheError('ERR_PROFILE', 'the ckks engine takes one size for all primes after the first');
  }
  const levels = maximumLevelOf(parameters);
  return {
    ringDimension: parameters.ringDimension,
    firstPrimeBits,
    scalingPrimeBits,
    levels,
    specialPrimeBits: parameters.specialPrimeBits,
    specialPrimes: Int32Array.from(parameters.specialPrimes),
    digits: Int32Array.from(parameters.digits),
    resultRingDimension: parameters.result.ringDimension,
    security: parameters.security,
  };
}
