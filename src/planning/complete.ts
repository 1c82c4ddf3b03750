import type { Circuit, RotationSplit, Stage, Step } from '../circuit/circuit.js';
import { offsetsOf } from '../circuit/linear-step.js';
import type { Packing } from '../circuit/port.js';
import { assignOffsets } from '../circuit/rotation-split.js';
import { stageKeys } from '../circuit/stage-keys.js';
import { FheError } from '../errors.js';
import { batch } from '../lowering/layouts/batch.js';
import { columnsOutermost } from '../lowering/layouts/columns-outermost.js';
import { type DraftStep, lower } from '../lowering/lower.js';
import { type Graph, topologyHash } from '../network/graph.js';
import type { Parameters } from '../scheme/parameters.js';
import { type Plan, type PlannedStep, parametersHash } from './plan.js';

/**
 * The circuit of a network under parameters, with the splits of a plan, which must be theirs, in the plan's layouts.
 * Throws ERR_PROFILE when the plan is of another network or of other parameters.
 */
export function planCircuit(graph: Graph, parameters: Parameters, packing: Packing, plan: Plan): Circuit {
  checkPlan(graph, parameters, plan);
  const draft = lower(graph, parameters, packing, plan.layout === 'batch' ? batch : columnsOutermost);
  const planned = new Map(plan.stages.flatMap(({ steps }) => steps).map((step) => [step.name, step]));
  const stages = draft.stages.map(({ name, steps }): Stage => {
    const complete = steps.map((step) => completeStep(step, planned.get(step.name), plan));
    return { name, steps: complete, keys: stageKeys(complete, draft.slots) };
  });
  return { ...draft, stages };
}

/** What mends a plan that does not fit. */
const again = "plan again: npm run plan, or resnet20-fhe plan DIR for a network's folder";

/** Throws ERR_PROFILE when a plan is of another network's topology or of other parameters. */
export function checkPlan(graph: Graph, parameters: Parameters, plan: Plan): void {
  if (plan.topologyHash !== topologyHash(graph)) {
    throw new FheError(
      'ERR_PROFILE',
      `network ${graph.name} has another structure than ${plan.network}, for which ${plan.name} is planned; ${again}`,
    );
  }
  if (plan.parametersHash !== parametersHash(parameters)) {
    throw new FheError('ERR_PROFILE', `the plan ${plan.name} was made for other parameters; ${again}`);
  }
}

function completeStep(step: DraftStep, planned: PlannedStep | undefined, plan: Plan): Step {
  if (step.kind !== 'linear') {
    return step;
  }
  if (planned?.linear === undefined || planned.level !== step.level) {
    throw mismatch(step.name, plan);
  }
  const chosen = step.conjugate ? planned.linear : (planned.linear.real ?? planned.linear);
  const { babySteps, giantSteps, giantParents, imaginaryShift } = chosen;
  const split: RotationSplit = { babySteps, giantSteps, giantParents, imaginaryShift };
  try {
    assignOffsets(split, offsetsOf(step), plan.slots);
  } catch (cause) {
    throw mismatch(step.name, plan, cause);
  }
  return { ...step, split };
}

function mismatch(step: string, plan: Plan, cause?: unknown): FheError {
  return new FheError('ERR_PROFILE', `the plan ${plan.name} does not fit the network at ${step}; ${again}`, { cause });
}
