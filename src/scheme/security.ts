import { FheError } from '../errors.js';
import type { Profile, SecretDistribution } from './parameters.js';

/**
 * log2 of the largest modulus that keeps 128 bits against classical attacks, error deviation 3.19, by log2 of the ring
 * dimension. Uniform ternary: Bossuat et al., Security Guidelines for Implementing Homomorphic Encryption, 2024
 * (ePrint 2024/463). Hamming weight 192: estimates of the lattice estimator, known for two rings only.
 */
const caps: Readonly<Record<SecretDistribution, ReadonlyMap<number, number>>> = {
  'uniform-ternary': new Map([
    [10, 27],
    [11, 53],
    [12, 106],
    [13, 214],
    [14, 430],
    [15, 868],
    [16, 1747],
  ]),
  'hamming-192': new Map([
    [15, 768],
    [16, 1550],
  ]),
};

/** log2 of the largest modulus for 128 bits. Throws ERR_PROFILE for a ring or secret without a known cap. */
export function modulusCap(ringDimension: number, secret: SecretDistribution): number {
  const cap = caps[secret].get(Math.log2(ringDimension));
  if (cap === undefined) {
    throw new FheError(
      'ERR_PROFILE',
      `no security estimate for ring dimension ${ringDimension} and a ${secret} secret`,
    );
  }
  return cap;
}

/** Estimated bits of security: floor(128 cap / log QP), at most 128, the least over all keys of the profile. */
export function securityBits(profile: Profile): number {
  const parameters = profile.ckks ?? profile.openfhe;
  if (parameters === undefined) {
    throw new FheError('ERR_PROFILE', `profile ${profile.name} has no parameters`);
  }
  const main = estimate(parameters.ringDimension, profile.secret, profile.logQP);
  if (profile.ckks === undefined) {
    return main;
  }
  const { result, firstPrimeBits } = profile.ckks;
  return Math.min(main, estimate(result.ringDimension, profile.secret, firstPrimeBits + result.specialPrimeBits));
}

function estimate(ringDimension: number, secret: SecretDistribution, modulusBits: number): number {
  return Math.min(128, Math.floor((128 * modulusCap(ringDimension, secret)) / modulusBits));
}
