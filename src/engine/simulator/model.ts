import { circuitParameters } from '../../scheme/circuit-parameters.js';
import { type DiagonalEncoding, roundingDeviation, weightDeviation } from '../../scheme/noise.js';
import type { Parameters } from '../../scheme/parameters.js';
import { modulusBits } from '../../scheme/sizes.js';
import type { NoiseModel } from './noise.js';

/** What the simulator imitates of the engine that parameters are for. */
export interface SimulationModel {
  readonly slots: number;
  readonly maximumLevel: number;
  /** Linear steps leave the gaps of their output's layout at the bias, which saves computing what nobody reads. */
  readonly liveColumnsOnly: boolean;
  readonly squareLevels: 0 | 1;
  /** Level after a bootstrap; undefined where there is none. */
  readonly bootstrapLevel: number | undefined;
  readonly bootstrapDeviation: number;
  /** log2 of the modulus of a level. */
  modulusBits(level: number): number;
  /** Slots of the ring that a result is switched to. */
  readonly resultSlots: number;
  /** Standard deviation that a rescale to this scale adds to each part of a slot. */
  rescaleDeviation(scale: number): number;
  /** Standard deviation of the entries of an encoded diagonal, for a linear step that turns one scale into another. */
  weightDeviation(encoding: DiagonalEncoding): number;
  /** Of the noise in each part of an answer's slots that the parameters do not predict. */
  readonly addedDeviation: number;
}

export function simulationModel(parameters: Parameters, noise: NoiseModel, liveColumnsOnly: boolean): SimulationModel {
  const { slots, maximumLevel, squareLevels, bootstrap } = circuitParameters(parameters);
  return {
    slots,
    liveColumnsOnly,
    maximumLevel: maximumLevel ?? (bootstrap?.level ?? 0) + 1,
    squareLevels,
    bootstrapLevel: bootstrap?.level,
    modulusBits: (level) =>
      parameters.engine === 'ckks'
        ? modulusBits(parameters, level)
        : parameters.firstModulusBits + level * parameters.scalingModulusBits,
    resultSlots: Math.min(slots, parameters.engine === 'ckks' ? parameters.result.ringDimension / 2 : slots),
    ...noiseDeviations(parameters, noise),
  };
}

type NoiseDeviations = Pick<
  SimulationModel,
  'bootstrapDeviation' | 'rescaleDeviation' | 'weightDeviation' | 'addedDeviation'
>;

function noiseDeviations(parameters: Parameters, noise: NoiseModel): NoiseDeviations {
  const bootstrap = parameters.engine === 'openfhe' ? parameters.bootstrap : undefined;
  if (noise === 'none') {
    return { bootstrapDeviation: 0, rescaleDeviation: () => 0, weightDeviation: () => 0, addedDeviation: 0 };
  }
  if (noise !== 'predicted' && bootstrap === undefined) {
    const stated = 2 ** -noise.precisionBits;
    return { bootstrapDeviation: 0, rescaleDeviation: () => stated, weightDeviation: () => 0, addedDeviation: stated };
  }
  const precisionBits = noise === 'predicted' ? bootstrap?.precisionBits : noise.precisionBits;
  const unscaled = roundingDeviation(parameters.ringDimension, parameters.secret);
  return {
    bootstrapDeviation: precisionBits === undefined ? 0 : 2 ** -precisionBits,
    rescaleDeviation: (scale) => unscaled / scale,
    weightDeviation: (encoding) => weightDeviation(parameters, encoding),
    addedDeviation: 0,
  };
}
