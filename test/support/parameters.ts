import { findProfile } from '../../src/catalogue/profiles.js';
import type { Circuit } from '../../src/circuit/circuit.js';
import { capacityOf, type Packing, packingFor } from '../../src/circuit/port.js';
import type { LayoutStrategy } from '../../src/lowering/layouts/strategy.js';
import type { Graph } from '../../src/network/graph.js';
import { planCircuit } from '../../src/planning/complete.js';
import { searchPlan } from '../../src/planning/search.js';
import type { CkksParameters, OpenFheParameters, Parameters } from '../../src/scheme/parameters.js';
import { singleDigitSpecialPrimes } from '../../src/scheme/sizes.js';

/** Parameters of a profile of the ckks engine. */
export function ckksParameters(profile: string): CkksParameters {
  const { parameters } = findProfile(profile);
  if (parameters.engine !== 'ckks') {
    throw new Error(`${profile} is for ${parameters.engine}`);
  }
  return parameters;
}

/** Those of `params_test` with another ring and depth. NOT SECURE. */
export function testParameters({ ringDimension = 2 ** 12, levels = 10 }): CkksParameters {
  const parameters = ckksParameters('params_test');
  const [first, second] = parameters.moduliBits as [number, number];
  const moduliBits = [first, ...Array.from({ length: levels }, () => second)];
  const specialPrimes = singleDigitSpecialPrimes({ ...parameters, moduliBits }, 20);
  return { ...parameters, ringDimension, moduliBits, specialPrimes, digits: specialPrimes.map(() => 1) };
}

/** Parameters of a profile of the openfhe engine. */
export function openFheParameters(profile: string): OpenFheParameters {
  const { parameters } = findProfile(profile);
  if (parameters.engine !== 'openfhe') {
    throw new Error(`${profile} is for ${parameters.engine}`);
  }
  return parameters;
}

/** Whether activations are ReLU, which takes bootstraps. */
export function bootstraps(parameters: Parameters): boolean {
  return parameters.engine === 'openfhe' && parameters.bootstrap !== undefined;
}

/** A circuit of a network under parameters, by the plan that a search finds; for all images by default. */
export function searchedCircuit(
  graph: Graph,
  parameters: Parameters,
  images?: number | Packing,
  strategy?: LayoutStrategy,
): Circuit {
  const plan = searchPlan(graph, parameters, 'searched', strategy);
  const packing = typeof images === 'object' ? images : packingFor(plan.packing, images ?? capacityOf(plan.packing));
  return planCircuit(graph, parameters, packing, plan);
}
