import type { Profile } from '../scheme/parameters.js';
import { securityBits } from '../scheme/security.js';
import type { OperationControls } from '../sessions/events.js';

/** Estimated security of a profile's keys. */
export interface SecurityEstimate {
  readonly bits: number;
  readonly logQP: number;
  readonly ringDimension: number;
  readonly secret: Profile['secret'];
}

/** Bits that keys should have at least for what is worth protecting. */
const EXPECTED_BITS = 128;

export function estimateSecurity(profile: Profile): SecurityEstimate {
  return {
    bits: securityBits(profile),
    logQP: profile.logQP,
    ringDimension: (profile.ckks ?? profile.openfhe)?.ringDimension ?? 0,
    secret: profile.secret,
  };
}

/** Says whether the run encrypts, and with a weak profile that it is weak. */
export function reportProtection(controls: OperationControls, profile: Profile, encrypted: boolean): void {
  const bits = encrypted ? estimateSecurity(profile).bits : undefined;
  const text = bits === undefined ? 'not encrypted' : `encrypted, ${profile.name}, about ${bits} bits`;
  controls.onEvent?.({ event: 'protection', encrypted, profile: profile.name, bits, text });
  if (bits !== undefined && bits < EXPECTED_BITS) {
    controls.onEvent?.({
      event: 'notice',
      text: `${bits} bits are below the usual ${EXPECTED_BITS}: use ${profile.name} for experiments only`,
      detail: false,
    });
  }
}
