import { packingFor } from '../../src/circuit/port.js';
import type { Engine } from '../../src/engine/engine.js';
import type { LayoutStrategy } from '../../src/lowering/layouts/strategy.js';
import type { Graph } from '../../src/network/graph.js';
import { planCircuit } from '../../src/planning/complete.js';
import { searchPlan } from '../../src/planning/search.js';
import type { Parameters } from '../../src/scheme/parameters.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { makeKeySet } from './key-set.js';
import { scoresThrough } from './run-steps.js';

/** Scores of images by a plan that is searched, with keys made on disk for that plan alone. */
export async function scoresEncrypted(
  engine: Engine,
  graph: Graph,
  parameters: Parameters,
  images: readonly Tensor[],
  strategy?: LayoutStrategy,
): Promise<Float64Array[]> {
  const plan = searchPlan(graph, parameters, 'searched', strategy);
  const circuit = planCircuit(graph, parameters, packingFor(plan.packing, images.length), plan);
  const keys = await makeKeySet(engine, { stages: plan.stages });
  try {
    return await scoresThrough(keys, circuit, images);
  } finally {
    await keys.dispose();
  }
}
