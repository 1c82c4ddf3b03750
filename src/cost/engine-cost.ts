import { FheError } from '../errors.js';
import type { Profile } from '../scheme/parameters.js';
import { CkksCost } from './ckks.js';
import type { CostModel } from './cost-model.js';
import { OpenFheCost } from './openfhe/cost.js';
import type { Rates } from './rates.js';

/** The cost model of a profile's engine. Throws ERR_PROFILE when the profile lacks its engine's parameters. */
export function costModel(profile: Profile, rates: Rates): CostModel {
  if (profile.engine === 'ckks' && profile.ckks !== undefined) {
    return new CkksCost(profile.ckks, rates.ckks);
  }
  if (profile.engine === 'openfhe' && profile.openfhe !== undefined) {
    return new OpenFheCost(profile.openfhe, rates.openfhe);
  }
  throw new FheError('ERR_PROFILE', `profile ${profile.name}: no parameters for its engine, ${profile.engine}`);
}
