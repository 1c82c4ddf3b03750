import { circuitParameters } from '../../scheme/circuit-parameters.js';
import { encodingDeviation, roundingDeviation } from '../../scheme/noise.js';
import type { Profile } from '../../scheme/parameters.js';
import type { NoiseModel } from './noise.js';

/** What the simulator imitates of a profile's engine. */
export interface SimulationModel {
  readonly slots: number;
  readonly maximumLevel: number;
  /** Linear steps leave the gaps of their output's layout at the bias, which saves computing what nobody reads. */
  readonly liveColumnsOnly: boolean;
  readonly squareLevels: 0 | 1;
  /** Level after a bootstrap; undefined where there is none. */
  readonly bootstrapLevel: number | undefined;
  readonly bootstrapDeviation: number;
  /** log2 of the modulus: firstBits + level * scalingBits. */
  readonly firstBits: number;
  readonly scalingBits: number;
  /** Slots of the ring that a result is switched to. */
  readonly resultSlots: number;
  /** Standard deviation that a rescale to this scale adds to each part of a slot. */
  rescaleDeviation(scale: number): number;
  /** Standard deviation of the entries of an encoded diagonal, for a linear step that turns one scale into another. */
  weightDeviation(period: number, inputScale: number, outputScale: number): number;
}

export function simulationModel(profile: Profile, noise: NoiseModel, liveColumnsOnly: boolean): SimulationModel {
  const { slots, maximumLevel, squareLevels, bootstrap } = circuitParameters(profile);
  const { ckks, openfhe } = profile;
  const deviations = noiseDeviations(profile, noise);
  return {
    slots,
    liveColumnsOnly,
    maximumLevel: maximumLevel ?? (bootstrap?.level ?? 0) + 1,
    squareLevels,
    bootstrapLevel: bootstrap?.level,
    firstBits: ckks?.firstPrimeBits ?? openfhe?.firstModulusBits ?? 0,
    scalingBits: ckks?.scalingPrimeBits ?? openfhe?.scalingModulusBits ?? 0,
    resultSlots: Math.min(slots, ckks === undefined ? slots : ckks.result.ringDimension / 2),
    ...deviations,
  };
}

type NoiseDeviations = Pick<SimulationModel, 'bootstrapDeviation' | 'rescaleDeviation' | 'weightDeviation'>;

function noiseDeviations(
  { ckks, openfhe, secret, bootstrapPrecisionBits }: Profile,
  noise: NoiseModel,
): NoiseDeviations {
  if (noise === 'none') {
    return { bootstrapDeviation: 0, rescaleDeviation: () => 0, weightDeviation: () => 0 };
  }
  if (noise !== 'predicted' && openfhe?.bootstrap === undefined) {
    const stated = 2 ** -noise.precisionBits;
    return { bootstrapDeviation: 0, rescaleDeviation: () => stated, weightDeviation: () => 0 };
  }
  const precisionBits = noise === 'predicted' ? bootstrapPrecisionBits : noise.precisionBits;
  const unscaled = roundingDeviation((ckks ?? openfhe)!.ringDimension, secret);
  return {
    bootstrapDeviation: precisionBits === undefined ? 0 : 2 ** -precisionBits,
    rescaleDeviation: (scale) => unscaled / scale,
    weightDeviation: (period, inputScale, outputScale) => {
      const weightScale = ckks === undefined ? outputScale : (outputScale * 2 ** ckks.scalingPrimeBits) / inputScale;
      return encodingDeviation(period) / weightScale;
    },
  };
}
