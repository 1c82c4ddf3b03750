import { findProfile } from '../../src/catalogue/profiles.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { describeEngineContract } from '../engine/contract.js';
import { describeOpenFhe } from './profiles.js';

describeOpenFhe('openfhe', () => {
  for (const [name, tolerance] of [
    ['params_test_openfhe', 1e-5],
    ['params_test_bootstrap', 1e-5],
  ] as const) {
    const profile = findProfile(name);
    describeEngineContract(name, async () => ({ engine: await openOpenFheEngine(profile), profile }), tolerance);
  }
});
