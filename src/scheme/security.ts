import { readFileSync } from 'node:fs';
import { FheError } from '../errors.js';
import type { Parameters, SecretDistribution } from './parameters.js';
import { largestKeyModulusBits } from './sizes.js';

/** What breaking a key costs, log2 of operations, rounded down; at most 128, and 0 where it is below the estimates. */
export interface SecurityBits {
  /** Gates, as in Bossuat et al., Security Guidelines for Implementing Homomorphic Encryption, ePrint 2024/463. */
  readonly classical: number;
  /** Core-SVP with quantum walks, a lower bound that counts one step of the attack only. */
  readonly quantum: number;
}

/** A key of a parameter set, as far as its security depends on it. */
export interface LargestKey {
  /** `evaluation`: the evaluation keys with the largest modulus; `result`: the key to the ring of the answer. */
  readonly key: 'evaluation' | 'result';
  readonly ringDimension: number;
  readonly secret: SecretDistribution;
  /** log2 of the modulus, special primes included. */
  readonly logQP: number;
}

/** Of one ring and secret, error deviation 3.19. */
interface RingSecurity {
  /** log2 of the largest modulus that keeps 128 bits. */
  readonly caps: SecurityBits;
  /** log2 of a modulus with its classical and its quantum bits, ascending in the modulus. */
  readonly estimates: readonly (readonly [logQP: number, classical: number, quantum: number])[];
}

const targetBits = 128;

// Data is read where it is committed, also by the compiled program: dist/scheme lies as deep as src/scheme.
const table = JSON.parse(readFileSync(new URL('../../security/table.json', import.meta.url), 'utf8')) as Readonly<
  Record<SecretDistribution, Readonly<Record<string, RingSecurity>>>
>;

/** log2 of the largest modulus for 128 classical bits. Throws ERR_PROFILE for a ring or secret without an estimate. */
export function modulusCap(ringDimension: number, secret: SecretDistribution): number {
  return securityOf(ringDimension, secret).caps.classical;
}

/** The keys of a parameter set with the largest modulus in each ring. */
export function largestKeys(parameters: Parameters): LargestKey[] {
  const { ringDimension, secret } = parameters;
  if (parameters.engine === 'openfhe') {
    return [{ key: 'evaluation', ringDimension, secret, logQP: parameters.logQP }];
  }
  const { result, moduliBits } = parameters;
  return [
    { key: 'evaluation', ringDimension, secret, logQP: largestKeyModulusBits(parameters) },
    { key: 'result', ringDimension: result.ringDimension, secret, logQP: moduliBits[0]! + result.specialPrimeBits },
  ];
}

/** Estimated security of a parameter set: that of its weakest key. Throws ERR_PROFILE where a ring has no estimate. */
export function securityBits(parameters: Parameters): SecurityBits {
  const bits = largestKeys(parameters).map(keyBits);
  return {
    classical: Math.min(...bits.map(({ classical }) => classical)),
    quantum: Math.min(...bits.map(({ quantum }) => quantum)),
  };
}

function keyBits({ ringDimension, secret, logQP }: LargestKey): SecurityBits {
  const { caps, estimates } = securityOf(ringDimension, secret);
  const interpolated = interpolate(estimates, logQP);
  return {
    classical: logQP <= caps.classical ? targetBits : Math.min(targetBits - 1, Math.floor(interpolated.classical)),
    quantum: logQP <= caps.quantum ? targetBits : Math.min(targetBits - 1, Math.floor(interpolated.quantum)),
  };
}

/** Bits on the line between the two nearest estimates; 0 beyond the last. */
function interpolate(estimates: RingSecurity['estimates'], logQP: number): SecurityBits {
  const index = estimates.findIndex(([modulus]) => modulus >= logQP);
  const above = estimates[index];
  if (above === undefined) {
    return { classical: 0, quantum: 0 };
  }
  const below = estimates[index - 1] ?? above;
  const share = above === below ? 0 : (logQP - below[0]) / (above[0] - below[0]);
  return {
    classical: below[1] + share * (above[1] - below[1]),
    quantum: below[2] + share * (above[2] - below[2]),
  };
}

function securityOf(ringDimension: number, secret: SecretDistribution): RingSecurity {
  const found = table[secret][ringDimension];
  if (found === undefined) {
    throw new FheError(
      'ERR_PROFILE',
      `no security estimate for ring dimension ${ringDimension} and a ${secret} secret`,
    );
  }
  return found;
}
