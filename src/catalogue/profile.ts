import type { Plan } from '../planning/plan.js';
import type { Parameters } from '../scheme/parameters.js';

/** A named choice of parameters and network: one that comes with the program, or of a network's folder. Data, not code. */
export interface Profile {
  readonly name: string;
  readonly description: string;
  /** Name of the weights. */
  readonly network: string;
  readonly parameters: Parameters;
}

/** Parameters with their plan: all that a client and the maker of keys need. */
export interface Deployment {
  readonly profile: Profile;
  readonly plan: Plan;
}
