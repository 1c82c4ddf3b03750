import type { Circuit, KeyRequirements, RotationSplit, Stage, Step } from '../circuit/circuit.js';
import { offsetsOf } from '../circuit/linear-step.js';
import type { Packing } from '../circuit/port.js';
import { assignOffsets } from '../circuit/rotation-split.js';
import { stageKeys } from '../circuit/stage-keys.js';
import { FheError } from '../errors.js';
import { type DraftStep, lower } from '../lowering/lower.js';
import type { Graph } from '../network/graph.js';
import type { Profile } from '../scheme/parameters.js';
import { committedPlan, type Plan, type PlannedStep } from './plan.js';
import { searchPlan } from './search.js';

/**
 * The circuit of a network under a profile, with the splits of `plan` (default: the profile's committed plan; profiles
 * that only tests use have none and are searched). Throws ERR_PROFILE when the plan is of another network or profile.
 */
export function planCircuit(graph: Graph, profile: Profile, packing: Packing, plan?: Plan): Circuit {
  const chosen = plan ?? planOf(graph, profile);
  const draft = lower(graph, profile, packing);
  const planned = new Map(chosen.stages.flatMap(({ steps }) => steps).map((step) => [step.name, step]));
  const stages = draft.stages.map(({ name, steps }): Stage => {
    const complete = steps.map((step) => completeStep(step, planned.get(step.name), draft.slots, profile));
    return { name, steps: complete, keys: stageKeys(complete, draft.slots) };
  });
  return { ...draft, stages };
}

/** What keys each stage reads, over every packing that the profile supports. */
export function keyPlan(
  graph: Graph,
  profile: Profile,
): { readonly stages: readonly { readonly name: string; readonly keys: KeyRequirements }[] } {
  return { stages: planOf(graph, profile).stages.map(({ name, keys }) => ({ name, keys })) };
}

/** The profile's committed plan; one is searched for profiles that only tests use. */
export function planOf(graph: Graph, profile: Profile): Plan {
  return committedPlan(profile.name) ?? searchPlan(graph, profile);
}

function completeStep(step: DraftStep, planned: PlannedStep | undefined, slots: number, profile: Profile): Step {
  if (step.kind !== 'linear') {
    return step;
  }
  if (planned?.linear === undefined || planned.level !== step.level) {
    throw mismatch(step.name, profile);
  }
  const chosen = step.conjugate ? planned.linear : (planned.linear.real ?? planned.linear);
  const { babySteps, giantSteps, giantParents, imaginaryShift } = chosen;
  const split: RotationSplit = { babySteps, giantSteps, giantParents, imaginaryShift };
  try {
    assignOffsets(split, offsetsOf(step), slots);
  } catch (cause) {
    throw mismatch(step.name, profile, cause);
  }
  return { ...step, split };
}

function mismatch(step: string, profile: Profile, cause?: unknown): FheError {
  return new FheError(
    'ERR_PROFILE',
    `the plan of profile ${profile.name} does not fit the network at ${step}; plan again with npm run plan`,
    { cause },
  );
}
