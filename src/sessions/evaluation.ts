import type { Circuit, Step } from '../circuit/circuit.js';
import type { Register } from '../circuit/register.js';
import { type Rates, referenceRates } from '../cost/rates.js';
import type { Ciphertext, Evaluator } from '../engine/engine.js';
import { FheError } from '../errors.js';
import { predictStepSeconds } from '../planning/predict.js';
import type { GroupResult } from './client.js';
import { groupSizes, maximumImages } from './deployment.js';
import type { OperationControls, OperationEvent } from './events.js';
import type { CircuitSource } from './model.js';
import { registersBefore, runStages, type StageRange, type StepTrace } from './run-stages.js';

export interface PayloadEvaluation {
  readonly groups: readonly GroupResult[];
  /** Of each group in turn, without those that ended with ERR_RANGE. */
  readonly trace: readonly StepTrace[];
}

/** Consecutive stages for one group of images, and the ciphertexts that they start from. */
export interface EvaluationJob {
  /** Images of the group; they decide on the circuit. */
  readonly images: number;
  /** Default: all. */
  readonly stages?: StageRange | undefined;
  /** Payloads of the registers that `registersBefore` names for the first stage. */
  readonly registers: ReadonlyMap<Register, Uint8Array>;
}

export interface EvaluatedJob {
  /** Payloads of what later stages need; after the last stage, the circuit's output, which is an answer for the client. */
  readonly registers: ReadonlyMap<Register, Uint8Array>;
  readonly trace: readonly StepTrace[];
}

/**
 * A network under one client's evaluation keys, ready to run any range of its stages: only payloads go in and out, so that
 * a computation may be cut between stages and go on elsewhere. Needs no secret key. Owns the evaluator.
 */
export class EvaluationSession implements Disposable {
  readonly circuits: CircuitSource;
  readonly #evaluator: Evaluator;
  readonly #predict: (step: Step) => number;

  /** `rates`: of the machine; predictions, and the time left, follow from them. */
  constructor(circuits: CircuitSource, evaluator: Evaluator, rates: Rates = referenceRates) {
    this.circuits = circuits;
    this.#evaluator = evaluator;
    this.#predict = predictStepSeconds(circuits.model.profile.parameters, rates);
  }

  /**
   * Throws ERR_CIPHERTEXT when the registers are not those that the stages start from, or an input is not of the circuit's
   * level and scale, ERR_CANCELLED, and what the evaluator throws.
   */
  async run(job: EvaluationJob, controls: OperationControls): Promise<EvaluatedJob> {
    const circuit = this.circuits.circuitFor(job.images);
    const stages = job.stages ?? { start: 0, end: circuit.stages.length };
    const port = stages.start === 0 ? circuit.input : undefined;
    const given = await this.#read(registersBefore(circuit, stages.start), job.registers, port);
    const { registers, trace } = await runStages(circuit, this.#evaluator, given, {
      ...controls,
      stages,
      predict: this.#predict,
    });
    const result = stages.end === circuit.stages.length;
    const payloads = new Map<Register, Uint8Array>();
    for (const [register, ciphertext] of registers) {
      using output = ciphertext;
      payloads.set(register, await this.#evaluator.writeCiphertext(output, { result }));
    }
    return { registers: payloads, trace };
  }

  [Symbol.dispose](): void {
    this.#evaluator.dispose();
  }

  async #read(
    expected: readonly Register[],
    payloads: ReadonlyMap<Register, Uint8Array>,
    port: Circuit['input'] | undefined,
  ): Promise<Map<Register, Ciphertext>> {
    const found = [...payloads.keys()];
    if (found.length !== expected.length || expected.some((register) => !payloads.has(register))) {
      const text = `these stages start from ${expected.join(', ')}, found ${found.join(', ') || 'nothing'}`;
      throw new FheError('ERR_CIPHERTEXT', text);
    }
    const read = new Map<Register, Ciphertext>();
    try {
      for (const register of expected) {
        const ciphertext = await this.#evaluator.readCiphertext(payloads.get(register)!);
        read.set(register, ciphertext);
        if (port !== undefined) {
          checkInput(ciphertext, port, register);
        }
      }
      return read;
    } catch (error) {
      for (const ciphertext of read.values()) {
        ciphertext.dispose();
      }
      throw error;
    }
  }
}

/**
 * Runs the whole network on encrypted groups of `images` images in all, one after another: payloads group by group, one
 * for each register of the circuit's input, results one for each of its output. A group whose values leave their range
 * has that error for a result; the others are computed.
 */
export async function evaluatePayloads(
  session: EvaluationSession,
  payloads: readonly Uint8Array[],
  images: number,
  controls: OperationControls,
): Promise<PayloadEvaluation> {
  const sizes = groupSizes(images, maximumImages(session.circuits.model));
  const groups: GroupResult[] = [];
  const trace: StepTrace[] = [];
  let first = 0;
  for (const [index, size] of sizes.entries()) {
    const { input, output } = session.circuits.circuitFor(size);
    const registers = new Map(input.registers.map((register, position) => [register, payloads[first + position]!]));
    first += registers.size;
    const onEvent = inGroup(controls, index, sizes.length);
    try {
      const run = await session.run({ images: size, registers }, { signal: controls.signal, onEvent });
      groups.push(output.registers.map((register) => run.registers.get(register)!));
      trace.push(...run.trace);
    } catch (error) {
      if (!(error instanceof FheError && error.code === 'ERR_RANGE')) {
        throw error;
      }
      groups.push(error);
    }
  }
  return { groups, trace };
}

/**
 * log2 of how far a scale may be off. Linear steps are encoded for the scale that their input has, so that this much
 * changes no result; engines that manage scales themselves have others than the circuit's, by less.
 */
const scaleToleranceBits = 0.1;

/**
 * Level and scale are what the payload says of itself, and must be the circuit's: at a scale of 2^110 every weight would
 * be encoded as 0.
 */
function checkInput({ level, scale }: Ciphertext, input: Circuit['input'], register: Register): void {
  if (level !== input.level || !(Math.abs(Math.log2(scale / input.scale)) < scaleToleranceBits)) {
    throw new FheError(
      'ERR_CIPHERTEXT',
      `ciphertext ${register}: the circuit takes level ${input.level} and scale 2^${Math.log2(input.scale).toFixed(1)}, ` +
        `found level ${level} and scale 2^${Math.log2(scale).toFixed(1)}; encrypt the pictures again`,
    );
  }
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
