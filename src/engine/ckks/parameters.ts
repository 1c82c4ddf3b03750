import { FheError } from '../../errors.js';
import type { CkksParameters, Profile } from '../../scheme/parameters.js';
import type { NativeParameters } from './binding.js';

/** The profile's parameters of this engine. Throws ERR_PROFILE when the profile is another engine's. */
export function ckksParameters(profile: Profile): CkksParameters {
  if (profile.ckks === undefined) {
    throw new FheError('ERR_PROFILE', `profile ${profile.name} has no parameters for the ckks engine`);
  }
  return profile.ckks;
}

/**
 * The same as the native library takes it: digits all have the same number of primes, the fewest that give the digit
 * count stated for the top level.
 */
export function nativeParameters(profile: Profile): NativeParameters {
  const parameters = ckksParameters(profile);
  const primes = parameters.levels + 1;
  return {
    ringDimension: parameters.ringDimension,
    firstPrimeBits: parameters.firstPrimeBits,
    scalingPrimeBits: parameters.scalingPrimeBits,
    levels: parameters.levels,
    specialPrimeBits: parameters.specialPrimeBits,
    specialPrimes: Int32Array.from(parameters.specialPrimes),
    digitPrimes: Math.ceil(primes / parameters.digits[parameters.levels]!),
    resultRingDimension: parameters.result.ringDimension,
    allowInsecure: profile.name.startsWith('params_test'),
  };
}
