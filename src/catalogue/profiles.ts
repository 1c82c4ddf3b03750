import { FheError } from '../errors.js';
import type { CkksParameters, OpenFheParameters } from '../scheme/parameters.js';
import { singleDigitSpecialPrimes } from '../scheme/sizes.js';
import type { Profile } from './profile.js';

type CkksShape = Omit<CkksParameters, 'engine' | 'specialPrimes' | 'digits'>;

/** A first prime of 44 bits and `levels` of 41. */
function fastModuli(levels: number): number[] {
  return [44, ...Array.from({ length: levels }, () => 41)];
}

const fastShape: CkksShape = {
  ringDimension: 2 ** 16,
  secret: 'uniform-ternary',
  security: 'checked',
  moduliBits: fastModuli(20),
  specialPrimeBits: 50,
  activationScaleBits: 24,
  inputScaleBits: 48,
  outputScaleBits: 36,
  result: { ringDimension: 2 ** 12, specialPrimeBits: 50 },
};

const testShape: CkksShape = {
  ...fastShape,
  ringDimension: 2 ** 12,
  security: 'unchecked',
  moduliBits: fastModuli(10),
  result: { ringDimension: 2 ** 11, specialPrimeBits: 50 },
};

const bootstrapped = {
  engine: 'openfhe',
  ringDimension: 2 ** 16,
  secret: 'hamming-192',
  security: 'checked',
  slots: 2 ** 14,
  securityLevel: 'HEStd_NotSet',
  scalingTechnique: 'FLEXIBLEAUTO',
} as const;

/** The profiles that the program offers, best first. */
const offered: readonly Profile[] = [
  ckksProfile(
    'params_fast',
    "leveled, square activations, this project's engine: seconds, and a small memory",
    singleDigit(fastShape, 20),
  ),
  {
    name: 'params_secure',
    description: 'leveled, square activations, on OpenFHE with its 128-bit security level enforced',
    network: 'square-resnet20',
    parameters: {
      engine: 'openfhe',
      ringDimension: 2 ** 16,
      secret: 'uniform-ternary',
      security: 'checked',
      slots: 2 ** 15,
      firstModulusBits: 48,
      scalingModulusBits: 35,
      largeDigits: 5,
      logQP: 1713,
      securityLevel: 'HEStd_128_classic',
      scalingTechnique: 'FLEXIBLEAUTO',
      levels: 39,
    },
  },
  experiment(1, 1864, { first: 52, scale: 48, digits: 2, budget: [3, 3], reluDegree: 59, levels: 8, precision: 13.1 }),
  experiment(2, 1818, { first: 50, scale: 46, digits: 3, budget: [4, 4], reluDegree: 200, levels: 10 }),
  experiment(3, 1818, { first: 50, scale: 46, digits: 3, budget: [5, 4], reluDegree: 119, levels: 9, precision: 9.4 }),
  experiment(4, 1852, { first: 48, scale: 44, digits: 2, budget: [4, 4], reluDegree: 59, levels: 8 }),
];

const openFheForTests = {
  engine: 'openfhe',
  ringDimension: 2 ** 12,
  security: 'unchecked',
  slots: 2 ** 10,
  largeDigits: 3,
  securityLevel: 'HEStd_NotSet',
  scalingTechnique: 'FLEXIBLEAUTO',
} as const;

/** Insecure, for tests on small networks only; they name their own weights. */
const forTests: readonly Profile[] = [
  ckksProfile('params_test', 'NOT SECURE: for tests on small networks', singleDigit(testShape, 20)),
  {
    name: 'params_test_openfhe',
    description: 'NOT SECURE: for tests on small square networks, leveled',
    network: 'square-resnet20',
    parameters: {
      ...openFheForTests,
      secret: 'uniform-ternary',
      logQP: 1187,
      firstModulusBits: 48,
      scalingModulusBits: 40,
      levels: 20,
    },
  },
  {
    name: 'params_test_bootstrap',
    description: 'NOT SECURE: for tests on small ReLU networks, bootstrapped',
    network: 'relu-resnet20',
    parameters: {
      ...openFheForTests,
      secret: 'hamming-192',
      logQP: 1665,
      firstModulusBits: 60,
      scalingModulusBits: 52,
      levels: 8,
      bootstrap: { levelBudget: [2, 2], reluDegree: 59 },
    },
  },
];

export const profileNames: readonly string[] = offered.map((profile) => profile.name);

export const defaultProfileName = 'params_fast';

/** Set to 1, this environment variable lets the profiles for tests be found. */
export const testProfilesVariable = 'RESNET20_FHE_TEST_PROFILES';

/**
 * Throws ERR_PROFILE, listing the names, when there is none of this name, and for a profile for tests where the
 * environment does not ask for them.
 */
export function findProfile(name: string): Profile {
  const found = offered.find((profile) => profile.name === name);
  if (found !== undefined) {
    return found;
  }
  const insecure = forTests.find((profile) => profile.name === name);
  if (insecure === undefined) {
    throw new FheError('ERR_PROFILE', `no profile ${name}; there are ${profileNames.join(', ')}`);
  }
  if (process.env[testProfilesVariable] !== '1') {
    throw new FheError(
      'ERR_PROFILE',
      `${name} protects nothing and is for tests; there are ${profileNames.join(', ')}, or set ${testProfilesVariable}=1`,
    );
  }
  return insecure;
}

function singleDigit(shape: CkksShape, slackBits: number): CkksParameters {
  const specialPrimes = singleDigitSpecialPrimes(shape, slackBits);
  return { engine: 'ckks', ...shape, specialPrimes, digits: specialPrimes.map(() => 1) };
}

function ckksProfile(name: string, description: string, parameters: CkksParameters): Profile {
  return { name, description, network: 'square-resnet20', parameters };
}

interface ExperimentChoices {
  readonly first: number;
  readonly scale: number;
  readonly digits: number;
  readonly budget: readonly [number, number];
  readonly reluDegree: number;
  readonly levels: number;
  /** Bits of a bootstrap; undefined while no encrypted run is recorded from which to take them. */
  readonly precision?: number;
}

/** The published low-memory experiments (Rovida, Leporati, ePrint 2024/460), as far as a current OpenFHE allows. */
function experiment(number: number, logQP: number, choices: ExperimentChoices): Profile {
  const parameters: OpenFheParameters = {
    ...bootstrapped,
    firstModulusBits: choices.first,
    scalingModulusBits: choices.scale,
    largeDigits: choices.digits,
    logQP,
    levels: choices.levels,
    bootstrap: { levelBudget: choices.budget, reluDegree: choices.reluDegree, precisionBits: choices.precision },
  };
  return {
    name: `params_exp${number}`,
    description: `bootstrapped, ReLU of degree ${choices.reluDegree}, on OpenFHE: the published experiment ${number}`,
    network: 'relu-resnet20',
    parameters,
  };
}
