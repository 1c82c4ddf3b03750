import type { Circuit } from '../circuit/circuit.js';
import type { Register } from '../circuit/register.js';
import { type Rates, referenceRates } from '../cost/rates.js';
import type { Ciphertext, Evaluator } from '../engine/engine.js';
import { predictStepSeconds } from '../planning/predict.js';
import { type CircuitSource, groupSizes, maximumImages } from './deployment.js';
import type { OperationControls, OperationEvent } from './events.js';
import { type RunOptions, runStages, type StepTrace } from './run-stages.js';

export interface PayloadEvaluation {
  /** Encrypted scores, group by group: one payload for each register of the circuit's output. */
  readonly payloads: readonly Uint8Array[];
  /** Of each group in turn. */
  readonly trace: readonly StepTrace[];
}

export interface EvaluationControls extends OperationControls {
  /** Of the machine: predictions, and the time left, follow from them. Default: the reference rates. */
  readonly rates?: Rates | undefined;
}

/** Runs the network on encrypted groups of `images` images in all, one after another. Needs no secret key. */
export async function evaluatePayloads(
  evaluator: Evaluator,
  circuits: CircuitSource,
  payloads: readonly Uint8Array[],
  images: number,
  controls: EvaluationControls,
): Promise<PayloadEvaluation> {
  const sizes = groupSizes(images, maximumImages(circuits.model));
  const predict = predictStepSeconds(circuits.model.profile.parameters, controls.rates ?? referenceRates);
  const results: Uint8Array[] = [];
  const trace: StepTrace[] = [];
  let first = 0;
  for (const [index, size] of sizes.entries()) {
    const circuit = circuits.circuitFor(size);
    const inputs = payloads.slice(first, first + circuit.input.registers.length);
    first += inputs.length;
    const run = await runPayloads(circuit, evaluator, inputs, {
      signal: controls.signal,
      predict,
      onEvent: inGroup(controls, index, sizes.length),
    });
    results.push(...run.payloads);
    trace.push(...run.trace);
  }
  return { payloads: results, trace };
}

/** Runs a whole circuit: `payloads` in the order of its input's registers, results in that of its output's. */
async function runPayloads(
  circuit: Circuit,
  evaluator: Evaluator,
  payloads: readonly Uint8Array[],
  options: RunOptions,
): Promise<PayloadEvaluation> {
  const given = new Map<Register, Ciphertext>();
  for (const [index, register] of circuit.input.registers.entries()) {
    given.set(register, await evaluator.readCiphertext(payloads[index]!));
  }
  const { registers, trace } = await runStages(circuit, evaluator, given, options);
  const results: Uint8Array[] = [];
  for (const register of circuit.output.registers) {
    using output = registers.get(register)!;
    results.push(await evaluator.writeCiphertext(output, { result: true }));
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
