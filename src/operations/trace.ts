import { type Rates, ratesOf } from '../cost/rates.js';
import { type OperationControls, warn } from '../sessions/events.js';
import type { Model } from '../sessions/model.js';
import type { StepTrace } from '../sessions/run-stages.js';
import { writeFileAtomically } from '../store/atomic-file.js';
import { checkOutputFile } from './output-file.js';

/** Throws as `checkOutputFile` when a trace was asked for and can't be written. */
export async function checkTraceFile(path: string | undefined, others: readonly string[]): Promise<void> {
  if (path !== undefined) {
    await checkOutputFile(path, others);
  }
}

/**
 * Writes time, prediction and memory of each step and the rates behind the predictions as JSON, where a trace was asked
 * for; several ciphertexts follow one another. That it can't be written is a warning: the computation behind it may have
 * taken long.
 */
export async function writeTrace(
  path: string | undefined,
  model: Model,
  rates: Rates,
  images: number,
  steps: readonly StepTrace[],
  controls: OperationControls,
): Promise<void> {
  if (path === undefined) {
    return;
  }
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const trace = {
    profile: model.profile.name,
    planHash: model.plan.hash,
    images,
    rates: ratesOf(model.profile.parameters, rates),
    seconds: sum(steps.map((step) => step.seconds)),
    predictedSeconds: sum(steps.map((step) => step.predictedSeconds)),
    steps,
  };
  try {
    await writeFileAtomically(path, [Buffer.from(`${JSON.stringify(trace, undefined, 2)}\n`)]);
  } catch (error) {
    warn(controls, error);
  }
}
