import { FheError } from '../../errors.js';
import { type CkksParameters, maximumLevelOf } from '../../scheme/parameters.js';
import type { NativeParameters } from './binding.js';

/**
 * Parameters as the native library takes them: one size for all primes after the first; digits all have the same number
 * of primes, the fewest that give the digit count stated for the top level. Throws ERR_PROFILE for primes of other sizes.
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
    digitPrimes: Math.ceil((levels + 1) / parameters.digits[levels]!),
    resultRingDimension: parameters.result.ringDimension,
    allowInsecure: parameters.security === 'unchecked',
  };
}
