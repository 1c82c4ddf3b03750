import { maximumLevelOf, type Parameters } from './parameters.js';

/** Which polynomials stand for activations that are no squares: all of one degree, or each as precise as stated. */
export type PolynomialChoice = { readonly degree: number } | { readonly precisionBits: number };

/** What a circuit has to know of a parameter set. */
export interface CircuitParameters {
  readonly slots: number;
  /** Level of a fresh ciphertext at most; undefined where the library decides (bootstrapped). */
  readonly maximumLevel: number | undefined;
  readonly inputScale: number;
  /** Scale of a square's input. */
  readonly activationScale: number;
  /** Scale of a polynomial's input: that of the primes, at which products keep their scale. */
  readonly polynomialScale: number;
  readonly outputScale: number;
  /** Levels that a square takes: 1 where the library rescales after every product. */
  readonly squareLevels: 0 | 1;
  /** Images in the imaginary part need squares part by part, which only the project's own engine has. */
  readonly imaginaryImages: boolean;
  /** Undefined for sets that are for squares alone. */
  readonly polynomial: PolynomialChoice | undefined;
  /** Level after a bootstrap; undefined for leveled sets. */
  readonly bootstrap: { readonly level: number } | undefined;
}

export function circuitParameters(parameters: Parameters): CircuitParameters {
  if (parameters.engine === 'ckks') {
    const { ringDimension, inputScaleBits, activationScaleBits, outputScaleBits, polynomialPrecisionBits } = parameters;
    return {
      slots: ringDimension / 2,
      maximumLevel: maximumLevelOf(parameters),
      inputScale: 2 ** inputScaleBits,
      activationScale: 2 ** activationScaleBits,
      polynomialScale: 2 ** parameters.moduliBits.at(-1)!,
      outputScale: 2 ** outputScaleBits,
      squareLevels: 0,
      imaginaryImages: true,
      polynomial: polynomialPrecisionBits === undefined ? undefined : { precisionBits: polynomialPrecisionBits },
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
    polynomialScale: scale,
    outputScale: scale,
    squareLevels: 1,
    imaginaryImages: false,
    polynomial: bootstrap === undefined ? undefined : { degree: bootstrap.reluDegree },
    bootstrap: bootstrap === undefined ? undefined : { level: levels },
  };
}
