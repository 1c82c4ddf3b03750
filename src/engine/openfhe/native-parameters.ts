import type { OpenFheParameters } from '../../scheme/parameters.js';
import type { NativeParameters } from './binding.js';

/** Parameters as the addon takes them. */
export function nativeParameters(parameters: OpenFheParameters): NativeParameters {
  const { ringDimension, slots, firstModulusBits, scalingModulusBits, largeDigits, levels } = parameters;
  const { securityLevel, scalingTechnique, bootstrap } = parameters;
  return {
    ringDimension,
    slots,
    firstModulusBits,
    scalingModulusBits,
    largeDigits,
    levels,
    securityLevel,
    scalingTechnique,
    secret: parameters.secret === 'hamming-192' ? 'SPARSE_TERNARY' : 'UNIFORM_TERNARY',
    bootstrapLevelBudget: Int32Array.from(bootstrap?.levelBudget ?? []),
  };
}
