import { findProfile } from '../../src/catalogue/profiles.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { describeEngineContract } from './contract.js';

for (const name of ['params_test', 'params_test_openfhe', 'params_test_bootstrap']) {
  const profile = findProfile(name);
  describeEngineContract(`simulator, ${name}`, async () => ({ engine: openSimulator(profile), profile }), 1e-12);
}
