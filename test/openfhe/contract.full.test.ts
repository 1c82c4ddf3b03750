import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { describeEngineContract } from '../engine/contract.js';
import { openFheParameters } from '../support/parameters.js';
import { describeOpenFhe } from './parameters.js';

describeOpenFhe('openfhe', () => {
  for (const [name, tolerance] of [
    ['params_test_openfhe', 1e-5],
    ['params_test_bootstrap', 1e-5],
  ] as const) {
    const parameters = openFheParameters(name);
    describeEngineContract(name, async () => ({ engine: await openOpenFheEngine(parameters), parameters }), tolerance);
  }
});
