import { extentOf, slotStrideOf } from '../circuit/layout.js';
import { capacityOf, hasCells, packingFor } from '../circuit/port.js';
import { CkksCost } from '../cost/ckks.js';
import { referenceRates } from '../cost/rates.js';
import { FheError } from '../errors.js';
import { batch } from '../lowering/layouts/batch.js';
import { columnsOutermost } from '../lowering/layouts/columns-outermost.js';
import type { LayoutStrategy } from '../lowering/layouts/strategy.js';
import { depthsOf } from '../lowering/levels.js';
import { layersOf } from '../lowering/lower.js';
import { foldActivations } from '../lowering/passes/fold-activations.js';
import { type Graph, outputOf } from '../network/graph.js';
import { nextPowerOfTwo } from '../power-of-two.js';
import { roundingDeviation } from '../scheme/noise.js';
import type { CkksParameters } from '../scheme/parameters.js';
import { modulusCap } from '../scheme/security.js';
import { planCircuit } from './complete.js';
import { largestPrimeBits, type ParameterCandidate, searchParameters } from './parameter-search.js';
import type { Plan } from './plan.js';
import { searchPlan } from './search.js';

export interface NetworkPlanRequest {
  /** -log2 of the standard deviation that any one layer adds to values of size 1. */
  readonly precisionBits: number;
  /** Pictures that are evaluated at a time: the time of all of them is what counts. */
  readonly images: number;
}

/** Parameters that were found for a network, and the plan under them. */
export interface NetworkPlan {
  readonly parameters: CkksParameters;
  readonly plan: Plan;
}

/**
 * Ten bits a layer: on the network of params_fast, which has about as many, all of a hundred pictures get the class that
 * the plain network gives them.
 */
export const defaultPrecisionBits = 10;

/** Polynomials err by a share of the range, where noise is independent from slot to slot: they may err by more. */
const polynomialSlackBits = 2;
/** How much more precise the output is than what leads to it, and how large numbers are of which no bound is known. */
const outputMarginBits = 6;
const unknownBound = 32;
/** The key to the answer's ring has a modulus of two primes, for which smaller rings have no room. */
const leastResultRing = 2 ** 12;
const rings = [2 ** 12, 2 ** 13, 2 ** 14, 2 ** 15, 2 ** 16];
/** Of the rings that have room, so many are compared: larger ones take more time for fewer digits. */
const comparedRings = 2;

const secret = 'uniform-ternary';

interface Found extends NetworkPlan {
  /** Predicted seconds for all pictures, by the rates that plans are made with, and the price of the keys. */
  readonly cost: number;
}

/**
 * The cheapest parameters of the project's own engine that keep 128 bits and the precision, over rings, layouts, sizes of
 * primes, scales and digits, and the plan under them; cost is predicted time plus the price of keys. The layout `batch` is
 * considered for several pictures. Throws ERR_NETWORK, with what each ring lacks, where none has room.
 */
export function planNetwork(graph: Graph, name: string, request: NetworkPlanRequest): NetworkPlan {
  const found: Found[] = [];
  const reasons: string[] = [];
  for (const strategy of request.images > 1 ? [columnsOutermost, batch] : [columnsOutermost]) {
    let compared = 0;
    for (const ring of rings) {
      const outcome = planIn(graph, name, ring, strategy, request);
      if (typeof outcome === 'string') {
        reasons.push(`ring ${ring}, ${strategy.name}: ${outcome}`);
        continue;
      }
      found.push(outcome);
      compared += 1;
      if (compared === comparedRings) {
        break;
      }
    }
  }
  if (found.length === 0) {
    throw new FheError('ERR_NETWORK', refusal(graph, request, reasons));
  }
  const { parameters, plan } = found.reduce((best, other) => (other.cost < best.cost ? other : best));
  return { parameters, plan };
}

/** The cheapest plan in one ring; else why there is none. */
function planIn(
  graph: Graph,
  name: string,
  ringDimension: number,
  strategy: LayoutStrategy,
  request: NetworkPlanRequest,
): Found | string {
  const layers = strategy.prepare(foldActivations(layersOf(graph))).graph;
  const levels = Math.max(...depthsOf(layers, depthRules(request)).values());
  const cap = modulusCap(ringDimension, secret);
  if (levels * request.precisionBits > cap) {
    return `${levels} levels are more than a modulus of ${cap} bits has`;
  }
  try {
    strategy.input(layers, ringDimension / 2);
  } catch (error) {
    if (error instanceof FheError && error.code === 'ERR_PROFILE') {
      return error.message;
    }
    throw error;
  }
  const base = baseParameters(graph, ringDimension, levels, request);
  const draft = searchPlan(graph, base, name, strategy);
  const packing = packingFor(draft.packing, Math.min(request.images, capacityOf(draft.packing)));
  const circuit = planCircuit(graph, base, packing, draft);
  const limits = { keyBytes: Number.POSITIVE_INFINITY, precisionBits: request.precisionBits };
  const [best] = searchParameters(circuit, base, referenceRates.ckks, limits);
  if (best === undefined) {
    return `no primes for ${levels} levels and ${request.precisionBits} bits of precision within ${cap} bits`;
  }
  const parameters = withResultRing(best.parameters, draft);
  const groups = Math.ceil(request.images / capacityOf(packing));
  return { parameters, plan: searchPlan(graph, parameters, name, strategy), cost: costOf(best, groups) };
}

/** What depths follow from in the project's own engine. */
function depthRules({ precisionBits }: NetworkPlanRequest) {
  return { squareLevels: 0, polynomial: { precisionBits: precisionBits - polynomialSlackBits } } as const;
}

/** All that does not depend on the sizes of scaling primes and on digits; those are placeholders as long as can be. */
function baseParameters(
  graph: Graph,
  ringDimension: number,
  levels: number,
  { precisionBits }: NetworkPlanRequest,
): CkksParameters {
  const outputScaleBits =
    Math.ceil(Math.log2(roundingDeviation(ringDimension, secret))) + precisionBits + outputMarginBits;
  // A sign, and one bit more than the largest number has.
  const firstBits = outputScaleBits + Math.ceil(Math.log2(outputOf(graph).bound ?? unknownBound)) + 2;
  const moduliBits = [firstBits, ...Array.from({ length: levels }, () => largestPrimeBits)];
  return {
    engine: 'ckks',
    ringDimension,
    secret,
    security: 'checked',
    moduliBits,
    specialPrimeBits: largestPrimeBits,
    specialPrimes: moduliBits.map((_, level) => level + 1),
    digits: moduliBits.map(() => 1),
    activationScaleBits: 24,
    inputScaleBits: 48,
    outputScaleBits,
    polynomialPrecisionBits: precisionBits - polynomialSlackBits,
    result: { ringDimension, specialPrimeBits: largestPrimeBits },
  };
}

/**
 * With the smallest ring that an answer fits: where the output has no rows or columns of its own, those of the circuit hold
 * copies, of which the mean is as good; all slots are needed otherwise.
 */
function withResultRing(parameters: CkksParameters, { output }: Plan): CkksParameters {
  const { layout } = output;
  const needed = 2 * nextPowerOfTwo(extentOf(layout, 'image') * slotStrideOf(layout, 'image'));
  const ringDimension = hasCells(layout) ? parameters.ringDimension : Math.max(leastResultRing, needed);
  return { ...parameters, result: { ...parameters.result, ringDimension } };
}

function costOf({ seconds, keyBytes, parameters }: ParameterCandidate, groups: number): number {
  const { keyPriceSecondsPerByte } = new CkksCost(parameters, referenceRates.ckks);
  return groups * seconds + keyPriceSecondsPerByte * keyBytes;
}

/** What the network needs, where its levels go, what each ring lacks, and what would help. */
function refusal(graph: Graph, request: NetworkPlanRequest, reasons: readonly string[]): string {
  const layers = foldActivations(layersOf(graph));
  const depths = depthsOf(layers, depthRules(request));
  const levels = Math.max(...depths.values());
  const expensive = layers.layers
    .filter((layer) => layer.kind === 'activation' && layer.function.name !== 'quadratic')
    .map((layer) => {
      const source = layer.kind === 'activation' ? layer.source : '';
      return `${layer.name} ${depths.get(layer.name)! - depths.get(source)!}`;
    });
  const polynomials =
    expensive.length === 0 ? '' : `; of these take ${expensive.join(', ')}, where square activations would take none`;
  return (
    `network ${graph.name} needs ${levels} levels at ${request.precisionBits} bits of precision${polynomials}. ` +
    `No ring has room with 128 bits of security: ${reasons.join('; ')}. ` +
    'Fewer layers, square activations or less precision would help'
  );
}
