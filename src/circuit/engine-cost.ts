import { FheError } from '../errors.js';
import type { Profile } from '../profile/profile.js';
import type { Rates } from '../profile/rates.js';
import { CkksCost } from './ckks-cost.js';
import type { CostModel } from './cost-model.js';
import { OpenFheCost } from './openfhe-cost.js';

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
