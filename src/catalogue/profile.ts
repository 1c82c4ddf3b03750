import type { Parameters } from '../scheme/parameters.js';

/** A named choice of parameters and network that comes with the program, with a committed plan. Data, not code. */
export interface Profile {
  readonly name: string;
  readonly description: string;
  /** Name of the weights. */
  readonly network: string;
  readonly parameters: Parameters;
}
