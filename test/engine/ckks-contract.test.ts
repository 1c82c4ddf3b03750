import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import { ckksParameters } from '../support/parameters.js';
import { describeEngineContract } from './contract.js';

const parameters = ckksParameters('params_test');

/**
 * The widest error is that of a convolution with zero padding and a shortcut: weights of scale 2^17 whose rounding has
 * deviation sqrt(2^12 / 12) / 2^17 in each of more than a hundred products, and the largest of 2^11 slots.
 */
const tolerance = 2 ** -10;

describeEngineContract(
  'ckks, params_test',
  async () => ({ engine: await openCkksEngine(parameters), parameters }),
  tolerance,
);
