import type { Profile } from '../catalogue/profile.js';
import type { Parameters, SecretDistribution } from '../scheme/parameters.js';
import { largestKeys, securityBits } from '../scheme/security.js';
import type { OperationControls } from '../sessions/events.js';

/** Estimated security of the keys for a parameter set. */
export interface SecurityEstimate {
  /** Against classical attacks, at most 128. */
  readonly bits: number;
  /** Against attacks with quantum computers, at most 128; a lower bound. */
  readonly quantumBits: number;
  readonly logQP: number;
  readonly ringDimension: number;
  readonly secret: SecretDistribution;
}

/** Bits that keys should have at least for what is worth protecting. */
const EXPECTED_BITS = 128;

export function estimateSecurity(parameters: Parameters): SecurityEstimate {
  const { classical, quantum } = securityBits(parameters);
  const { logQP, ringDimension, secret } = largestKeys(parameters)[0]!;
  return { bits: classical, quantumBits: quantum, logQP, ringDimension, secret };
}

/** `about 128 bits classical, about 85 post-quantum`. */
export function describeSecurity({ bits, quantumBits }: SecurityEstimate): string {
  return `about ${bits} bits classical, about ${quantumBits} post-quantum`;
}

/** Says whether the run encrypts, and with a weak profile that it is weak. */
export function reportProtection(controls: OperationControls, profile: Profile, encrypted: boolean): void {
  const security = encrypted ? estimateSecurity(profile.parameters) : undefined;
  const text = security === undefined ? 'not encrypted' : `encrypted, ${profile.name}, ${describeSecurity(security)}`;
  const { bits, quantumBits } = security ?? {};
  controls.onEvent?.({ event: 'protection', encrypted, profile: profile.name, bits, quantumBits, text });
  if (bits !== undefined && bits < EXPECTED_BITS) {
    controls.onEvent?.({
      event: 'notice',
      text: `${bits} bits classical are below the usual ${EXPECTED_BITS}: use ${profile.name} for experiments only`,
      detail: false,
    });
  }
}
