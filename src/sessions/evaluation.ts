import type { Evaluator } from '../engine/engine.js';
import { predictStepSeconds } from '../planning/predict.js';
import { type CircuitSource, groupSizes } from './deployment.js';
import type { OperationControls, OperationEvent } from './events.js';
import { runCircuit, type StepTrace } from './run-circuit.js';

export interface PayloadEvaluation {
  /** Encrypted scores, one payload per group. */
  readonly payloads: readonly Uint8Array[];
  /** Of each group in turn. */
  readonly trace: readonly StepTrace[];
}

/** Runs the network on encrypted groups of `images` images in all, one after another. Needs no secret key. */
export async function evaluatePayloads(
  evaluator: Evaluator,
  circuits: CircuitSource,
  payloads: readonly Uint8Array[],
  images: number,
  controls: OperationControls,
): Promise<PayloadEvaluation> {
  const sizes = groupSizes(images, circuits.model.maximumImages);
  const predict = predictStepSeconds(circuits.model.profile);
  const results: Uint8Array[] = [];
  const trace: StepTrace[] = [];
  for (const [index, payload] of payloads.entries()) {
    const run = await runCircuit(
      circuits.circuitFor(sizes[index] ?? 0),
      evaluator,
      await evaluator.readCiphertext(payload),
      {
        signal: controls.signal,
        predict,
        onEvent: inGroup(controls, index, payloads.length),
      },
    );
    using output = run.output;
    results.push(await evaluator.writeCiphertext(output, { result: true }));
    trace.push(...run.trace);
  }
  return { payloads: results, trace };
}

/** Turns the progress of one group of images into that of all of them; groups take about the same time. */
function inGroup(controls: OperationControls, group: number, groups: number): (event: OperationEvent) => void {
  return (event) => {
    if (event.event !== 'progress' || groups === 1) {
      controls.onEvent?.(event);
      return;
    }
    const { done, total, secondsLeft } = event;
    const remaining = total * groups - (total * group + done);
    controls.onEvent?.({
      ...event,
      text: `${event.text}, ciphertext ${group + 1} of ${groups}`,
      done: total * group + done,
      total: total * groups,
      secondsLeft: secondsLeft === undefined || done === total ? undefined : (secondsLeft / (total - done)) * remaining,
    });
  };
}
