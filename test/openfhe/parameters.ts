import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import type { OpenFheParameters } from '../../src/scheme/parameters.js';

/** Rings of 2^12 have no security with these moduli; they compute the same as large ones in seconds. */
const smallRing: OpenFheParameters = {
  engine: 'openfhe',
  security: 'unchecked',
  logQP: 0,
  ringDimension: 2 ** 12,
  slots: 2 ** 11,
  firstModulusBits: 48,
  scalingModulusBits: 35,
  largeDigits: 3,
  securityLevel: 'HEStd_NotSet',
  secret: 'uniform-ternary',
  scalingTechnique: 'FLEXIBLEAUTO',
  levels: 6,
};

export function leveledParameters(changes: Partial<OpenFheParameters> = {}): OpenFheParameters {
  return { ...smallRing, ...changes };
}

export function bootstrappedParameters(changes: Partial<OpenFheParameters> = {}): OpenFheParameters {
  return {
    ...smallRing,
    slots: 2 ** 10,
    firstModulusBits: 60,
    scalingModulusBits: 55,
    secret: 'hamming-192',
    levels: 9,
    bootstrap: { levelBudget: [2, 2], reluDegree: 59 },
    ...changes,
  };
}

/** A suite that is skipped, saying why, where openfhe.node is not built; with CI=true it runs and fails. */
export function describeOpenFhe(name: string, body: () => void): void {
  if (existsSync(addonPath('openfhe')) || process.env.CI === 'true') {
    describe(name, body);
  } else {
    describe.skip(`${name} (openfhe.node is not built)`, body);
  }
}
