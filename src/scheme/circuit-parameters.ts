import { maximumLevelOf, type Parameters } from './parameters.js';

/** What a circuit has to know of a parameter set. */
export interface CircuitParameters {
  readonly slots: number;
  /** Level of a fresh ciphertext at most; undefined where the library decides (bootstrapped). */
  readonly maximumLevel: number | undefined;
  readonly inputScale: number;
  /** Scale of an activation's input. */
  readonly activationScale: number;
  readonly outputScale: number;
  /** Levels that a square takes: 1 where the library rescales after every product. */
  readonly squareLevels: 0 | 1;
  /** Images in the imaginary part need squares part by part, which only the project's own engine has. */
  readonly imaginaryImages: boolean;
  /** Level after a bootstrap and degree of the polynomial that stands for ReLU; undefined for leveled sets. */
  readonly bootstrap: { readonly level: number; readonly reluDegree: number } | undefined;
}

export function circuitParameters(parameters: Parameters): CircuitParameters {
  if (parameters.engine === 'ckks') {
    const { ringDimension, inputScaleBits, activationScaleBits, outputScaleBits } = parameters;
    return {
      slots: ringDimension / 2,
      maximumLevel: maximumLevelOf(parameters),
      inputScale: 2 ** inputScaleBits,
      activationScale: 2 ** activationScaleBits,
      outputScale: 2 ** outputScaleBits,
      squareLevels: 0,
      imaginaryImages: true,
      bootstrap: undefined,
    };
  }
  const { slots, levels, scalingModulusBits, bootstrap } = parameters;
  const scale = 2 ** scalingModulusBits;
  return {
    slots,
    maximumLevel: bootstrap === undefined ? levels : undefined,
    inputScale: scale,
    activationScale: scale,
    outputScale: scale,
    squareLevels: 1,
    imaginaryImages: false,
    bootstrap: bootstrap === undefined ? undefined : { level: levels, reluDegree: bootstrap.reluDegree },
  };
}
