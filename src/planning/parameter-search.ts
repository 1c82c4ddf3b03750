import {
  type Circuit,
  type KeyRequirements,
  type LinearStep,
  type Step,
  sourcesOf,
  targetsOf,
} from '../circuit/circuit.js';
import { diagonalCount, periodOf } from '../circuit/linear-step.js';
import { CkksCost } from '../cost/ckks.js';
import type { CostModel } from '../cost/cost-model.js';
import { totalKeyBytes } from '../cost/key-bytes.js';
import type { CkksRates } from '../cost/rates.js';
import { stepCost } from '../cost/step-cost.js';
import { encodingDeviation, roundingDeviation } from '../scheme/noise.js';
import type { CkksParameters, SecretDistribution } from '../scheme/parameters.js';
import { modulusCap } from '../scheme/security.js';
import { digitBits, largestKeyModulusBits } from '../scheme/sizes.js';

/** What a parameter set must hold; all others are left out. */
export interface ParameterLimits {
  readonly keyBytes: number;
  /** -log2 of the standard deviation that any one layer adds to values of size 1. */
  readonly precisionBits: number;
}

export interface ParameterCandidate {
  readonly parameters: CkksParameters;
  readonly logQP: number;
  readonly precisionBits: number;
  readonly keyBytes: number;
  readonly seconds: number;
}

/** Bits of the primes that the kernels can take. */
export const largestPrimeBits = 50;
const scalingPrimeBits = range(34, largestPrimeBits);
const activationScaleBits = range(20, 32);
const digitCounts = [1, 2, 3, 4];

const secret: SecretDistribution = 'uniform-ternary';
const errorDeviation = 3.19;
/** Mean square of a slot after a normalised square activation, gaps included; measured on the trained network. */
const meanSquare = 0.06;
/** How far the noise of key switching stays below that of rescaling. */
const keySwitchMarginBits = 1;

/**
 * Tries sizes of scaling primes, scales and numbers of digits for a leveled circuit: for each as few special primes at
 * every level as the noise allows. Returns the sets within the cap for 128 bits (uniform ternary secret) and within the
 * limits, least predicted time plus price of keys first. `base` gives the ring, the depth, the first prime and the scale
 * of the output.
 */
export function searchParameters(
  circuit: Circuit,
  base: CkksParameters,
  rates: CkksRates,
  limits: ParameterLimits,
): ParameterCandidate[] {
  const cap = modulusCap(base.ringDimension, secret);
  const work = countWork(circuit);
  const candidates: ParameterCandidate[] = [];
  for (const primeBits of scalingPrimeBits) {
    for (const scaleBits of activationScaleBits) {
      for (const digits of digitCounts) {
        const parameters = withTightDigits(
          {
            ...base,
            moduliBits: base.moduliBits.map((bits, level) => (level === 0 ? bits : primeBits)),
            activationScaleBits: scaleBits,
            inputScaleBits: 2 * scaleBits,
          },
          digits,
        );
        const candidate = assess(work, parameters, rates);
        const fits =
          candidate.logQP <= cap &&
          candidate.keyBytes <= limits.keyBytes &&
          candidate.precisionBits >= limits.precisionBits;
        if (fits) {
          candidates.push(candidate);
        }
      }
    }
  }
  const { keyPriceSecondsPerByte } = new CkksCost(base, rates);
  const cost = ({ seconds, keyBytes }: ParameterCandidate): number => seconds + keyPriceSecondsPerByte * keyBytes;
  return candidates.sort((left, right) => cost(left) - cost(right));
}

/** What of a circuit does not depend on the parameters. */
interface CircuitWork {
  readonly keys: readonly KeyRequirements[];
  readonly steps: readonly ((model: CostModel) => number)[];
  readonly layers: readonly LayerWork[];
}

/** What of a linear step decides on the noise that it adds. */
interface LayerWork {
  /** What reads its result. */
  readonly reader: Step['kind'] | 'output';
  /** Standard deviation of what rounded weights add, per unit of the weights' scale. */
  readonly weightDeviation: number;
}

function countWork(circuit: Circuit): CircuitWork {
  const steps = circuit.stages.flatMap((stage) => stage.steps);
  return {
    keys: circuit.stages.map((stage) => stage.keys),
    steps: steps.map(stepCost),
    layers: steps
      .filter((step) => step.kind === 'linear')
      .map((step) => ({ reader: readerOf(step, steps), weightDeviation: weightDeviation(step) })),
  };
}

/** Activations decide where there are several readers: the scale is theirs. */
function readerOf(step: LinearStep, steps: readonly Step[]): LayerWork['reader'] {
  const written = new Set(targetsOf(step));
  const readers = steps.filter((reader) => sourcesOf(reader).some((source) => written.has(source)));
  return (readers.find(({ kind }) => kind !== 'linear') ?? readers[0])?.kind ?? 'output';
}

function weightDeviation(step: LinearStep): number {
  const diagonals = diagonalCount(step) / step.outputs.length;
  return encodingDeviation(periodOf(step)) * Math.sqrt(diagonals * meanSquare);
}

function assess(work: CircuitWork, parameters: CkksParameters, rates: CkksRates): ParameterCandidate {
  const { ringDimension, inputScaleBits, moduliBits } = parameters;
  const model = new CkksCost(parameters, rates);
  const rounding = roundingDeviation(ringDimension, secret);
  const deviations = work.layers.map(({ reader, weightDeviation }) => {
    const scaleBits = resultScaleBits(parameters, reader);
    const weightBits = scaleBits + moduliBits.at(-1)! - inputScaleBits;
    return Math.hypot(rounding / 2 ** scaleBits, weightDeviation / 2 ** weightBits);
  });
  return {
    parameters,
    logQP: largestKeyModulusBits(parameters),
    precisionBits: -Math.log2(Math.max(...deviations)),
    keyBytes: totalKeyBytes(work.keys, model.keysOnDisk),
    seconds: work.steps.reduce((sum, cost) => sum + cost(model), 0),
  };
}

/** log2 of the scale at which a linear step ends, by what reads its result; see `assignLevels`. */
function resultScaleBits(parameters: CkksParameters, reader: LayerWork['reader']): number {
  switch (reader) {
    case 'square':
      return parameters.activationScaleBits;
    case 'polynomial':
      return parameters.moduliBits.at(-1)!;
    case 'output':
      return parameters.outputScaleBits;
    default:
      return parameters.inputScaleBits;
  }
}

/** As `withDigits`, with special primes as short as their number allows and no shorter than the first prime. */
function withTightDigits(shape: CkksParameters, digitCount: number): CkksParameters {
  const sized = (bits: number): CkksParameters => {
    const result = { ...shape.result, specialPrimeBits: bits };
    return withDigits({ ...shape, specialPrimeBits: bits, result }, digitCount);
  };
  const longest = sized(largestPrimeBits);
  const count = Math.max(...longest.specialPrimes);
  const shorter = range(shape.moduliBits[0]!, largestPrimeBits - 1).map(sized);
  return shorter.find(({ specialPrimes }) => Math.max(...specialPrimes) === count) ?? longest;
}

/**
 * Divides the primes into digits of equal size, the last one shorter where need be, with the fewest special primes that
 * the noise allows at each level. A key switch adds, at the scale of a square, the digit's excess over the
 * special primes times errorDeviation * sqrt(ringDimension / 12) per coefficient; the excess may be as large as keeps
 * this below a rescale's rounding at the activation scale. The widest digit that a level reaches into decides.
 */
export function withDigits(shape: CkksParameters, digitCount: number): CkksParameters {
  const { ringDimension, activationScaleBits: scaleBits, specialPrimeBits } = shape;
  const perExcess = errorDeviation * Math.sqrt(ringDimension / 12) * Math.sqrt((digitCount * ringDimension) / 2);
  const excessBits = scaleBits + Math.log2(roundingDeviation(ringDimension, secret) / perExcess) - keySwitchMarginBits;
  const digitSize = Math.ceil(shape.moduliBits.length / digitCount);
  const digits = shape.moduliBits.map((_, level) => Math.floor(level / digitSize) + 1);
  const specialPrimes = digits.map((_, level) => {
    const widest = Math.max(...digitBits({ ...shape, digits }, level));
    return Math.max(1, Math.ceil((widest - excessBits) / specialPrimeBits));
  });
  return { ...shape, digits, specialPrimes };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
