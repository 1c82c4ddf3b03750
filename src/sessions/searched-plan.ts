import type { Profile } from '../catalogue/profile.js';
import { loadNetwork, weightsPath } from '../network/weights/load.js';
import type { Plan } from '../planning/plan.js';
import { searchPlan } from '../planning/search.js';

/** The plan of a profile that has no committed one, for the network of these weights. Throws ERR_PROFILE, ERR_WEIGHTS. */
export async function searchedPlan(
  { name, network, parameters }: Profile,
  weights = weightsPath(network),
): Promise<Plan> {
  const { graph } = await loadNetwork(weights);
  return searchPlan(graph, parameters, name);
}
