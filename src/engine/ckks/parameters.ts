import type { CkksParameters } from '../../scheme/parameters.js';
import type { NativeParameters } from './binding.js';

/** Parameters as the native library takes them. */
export function nativeParameters(parameters: CkksParameters): NativeParameters {
  return {
    ringDimension: parameters.ringDimension,
    primeBits: Int32Array.from(parameters.moduliBits),
    specialPrimeBits: parameters.specialPrimeBits,
    specialPrimes: Int32Array.from(parameters.specialPrimes),
    digits: Int32Array.from(parameters.digits),
    resultRingDimension: parameters.result.ringDimension,
    security: parameters.security,
  };
}
