import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import type { OpenFheParameters, Profile } from '../../src/scheme/parameters.js';

/** Rings of 2^12 have no security with these moduli; they compute the same as large ones in seconds. */
const smallRing: OpenFheParameters = {
  ringDimension: 2 ** 12,
  slots: 2 ** 11,
  firstModulusBits: 48,
  scalingModulusBits: 35,
  largeDigits: 3,
  securityLevel: 'HEStd_NotSet',
  secret: 'UNIFORM_TERNARY',
  scalingTechnique: 'FLEXIBLEAUTO',
  levels: 6,
};

export function leveledProfile(changes: Partial<OpenFheParameters> = {}): Profile {
  return profileOf('test-leveled', { ...smallRing, ...changes });
}

export function bootstrappedProfile(changes: Partial<OpenFheParameters> = {}): Profile {
  return profileOf('test-bootstrapped', {
    ...smallRing,
    slots: 2 ** 10,
    firstModulusBits: 60,
    scalingModulusBits: 55,
    secret: 'SPARSE_TERNARY',
    levels: 9,
    bootstrap: { levelBudget: [2, 2], reluDegree: 59 },
    ...changes,
  });
}

function profileOf(name: string, openfhe: OpenFheParameters): Profile {
  const secret = openfhe.secret === 'UNIFORM_TERNARY' ? 'uniform-ternary' : 'hamming-192';
  const description = 'small and insecure, for tests';
  return { name, description, network: 'random', secret, logQP: 0, engine: 'openfhe', openfhe };
}

/** A suite that is skipped, saying why, where openfhe.node is not built; with CI=true it runs and fails. */
export function describeOpenFhe(name: string, body: () => void): void {
  if (existsSync(addonPath('openfhe')) || process.env.CI === 'true') {
    describe(name, body);
  } else {
    describe.skip(`${name} (openfhe.node is not built)`, body);
  }
}
