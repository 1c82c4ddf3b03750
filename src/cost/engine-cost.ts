import type { Parameters } from '../scheme/parameters.js';
import { CkksCost } from './ckks.js';
import type { CostModel } from './cost-model.js';
import { OpenFheCost } from './openfhe/cost.js';
import type { Rates } from './rates.js';

/** The cost model of the engine that parameters are for. */
export function costModel(parameters: Parameters, rates: Rates): CostModel {
  return parameters.engine === 'ckks'
    ? new CkksCost(parameters, rates.ckks)
    : new OpenFheCost(parameters, rates.openfhe);
}
