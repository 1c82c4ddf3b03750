import { findProfile } from '../../src/catalogue/profiles.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { describeEngineContract } from './contract.js';

for (const name of ['params_test', 'params_test_openfhe', 'params_test_bootstrap']) {
  const { parameters } = findProfile(name);
  describeEngineContract(`simulator, ${name}`, async () => ({ engine: openSimulator(parameters), parameters }), 1e-12);
}
