import { setImmediate } from 'node:timers/promises';
import type { Circuit, Register, Stage, Step } from '../circuit/circuit.js';
import type { Ciphertext, Evaluator } from '../engine/engine.js';
import { FheError } from '../errors.js';
import type { OperationControls } from './events.js';

/** What one step did, beside what the plan expected of it. */
export interface StepTrace {
  readonly stage: string;
  readonly name: string;
  readonly kind: Step['kind'];
  /** Level at which the step ran. */
  readonly level: number;
  readonly seconds: number;
  /** Undefined where the plan makes no statement. */
  readonly predictedSeconds: number | undefined;
  /** Resident memory of the process after the step, bytes. */
  readonly rssBytes: number;
}

export interface RunCircuitOptions extends OperationControls {
  /** Seconds that the plan expects of a step; the time left is derived from it. Without it, steps count alike. */
  readonly predict?: ((step: Step) => number) | undefined;
}

export interface CircuitRun {
  /** The circuit's output register; the caller disposes of it. */
  readonly output: Ciphertext;
  readonly trace: readonly StepTrace[];
}

/**
 * Executes a circuit stage by stage. Takes ownership of `input`: every register, the input included, is disposed of
 * after the last step that reads it, and all of them when the run fails. Throws ERR_CANCELLED between steps once the
 * signal is aborted, and whatever the evaluator throws.
 */
export async function runCircuit(
  circuit: Circuit,
  evaluator: Evaluator,
  input: Ciphertext,
  options: RunCircuitOptions = {},
): Promise<CircuitRun> {
  const registers = new Map<Register, Ciphertext>([[circuit.input.register, input]]);
  const lastReads = findLastReads(circuit);
  const progress = new Progress(circuit, options);
  const trace: StepTrace[] = [];
  try {
    for (const [index, stage] of circuit.stages.entries()) {
      throwIfCancelled(options.signal);
      progress.report(stage);
      await evaluator.enterStage(stage.name, stage.keys, circuit.stages[index + 1]);
      for (const step of stage.steps) {
        // An engine that computes in this thread leaves no other turn in which an interrupt could be noticed.
        await setImmediate();
        throwIfCancelled(options.signal);
        const started = performance.now();
        registers.set(step.target, await executeStep(step, registers, evaluator, options.signal));
        disposeAfterLastRead(step, lastReads, registers);
        const seconds = (performance.now() - started) / 1000;
        trace.push({
          stage: stage.name,
          name: step.name,
          kind: step.kind,
          level: step.level,
          seconds,
          predictedSeconds: options.predict?.(step),
          rssBytes: process.memoryUsage.rss(),
        });
        progress.finish(step, seconds);
        progress.report(stage);
      }
    }
    const output = read(registers, circuit.output.register);
    registers.delete(circuit.output.register);
    return { output, trace };
  } finally {
    for (const ciphertext of registers.values()) {
      ciphertext.dispose();
    }
  }
}

async function executeStep(
  step: Step,
  registers: ReadonlyMap<Register, Ciphertext>,
  evaluator: Evaluator,
  signal: AbortSignal | undefined,
): Promise<Ciphertext> {
  switch (step.kind) {
    case 'linear': {
      const inputs = step.terms.map((term) => read(registers, term.source));
      const encoded = await evaluator.encodeLinear(
        step,
        inputs.map((ciphertext) => ciphertext.scale),
      );
      try {
        return await evaluator.linear(encoded, inputs, { signal });
      } finally {
        encoded.dispose();
      }
    }
    case 'square':
      return evaluator.square(read(registers, step.source), step.componentwise, { signal });
    case 'polynomial':
      return evaluator.polynomial(read(registers, step.source), step, { signal });
    case 'bootstrap':
      return evaluator.bootstrap(read(registers, step.source), step.bound, { signal });
  }
}

/** Throws ERR_CANCELLED when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new FheError('ERR_CANCELLED', 'interrupted');
  }
}

function sourcesOf(step: Step): readonly Register[] {
  return step.kind === 'linear' ? step.terms.map((term) => term.source) : [step.source];
}

function findLastReads(circuit: Circuit): ReadonlyMap<Register, Step> {
  const lastReads = new Map<Register, Step>();
  for (const step of circuit.stages.flatMap((stage) => stage.steps)) {
    for (const source of sourcesOf(step)) {
      lastReads.set(source, step);
    }
  }
  return lastReads;
}

function disposeAfterLastRead(
  step: Step,
  lastReads: ReadonlyMap<Register, Step>,
  registers: Map<Register, Ciphertext>,
): void {
  for (const source of sourcesOf(step)) {
    if (lastReads.get(source) === step) {
      registers.get(source)?.dispose();
      registers.delete(source);
    }
  }
}

function read(registers: ReadonlyMap<Register, Ciphertext>, register: Register): Ciphertext {
  const ciphertext = registers.get(register);
  if (ciphertext === undefined) {
    throw new RangeError(`the circuit reads register ${register} before it is written, or after its last use`);
  }
  return ciphertext;
}

/** Weighs steps by their predicted time and corrects the prediction by the time that the finished ones took. */
class Progress {
  private readonly total: number;
  private done = 0;
  private elapsed = 0;

  constructor(
    circuit: Circuit,
    private readonly options: RunCircuitOptions,
  ) {
    this.total = circuit.stages.flatMap((stage) => stage.steps).reduce((sum, step) => sum + this.weight(step), 0);
  }

  finish(step: Step, seconds: number): void {
    this.done += this.weight(step);
    this.elapsed += seconds;
  }

  report(stage: Stage): void {
    this.options.onEvent?.({
      event: 'progress',
      phase: 'circuit',
      text: stage.name,
      done: this.done,
      total: this.total,
      secondsLeft: this.done === 0 ? undefined : (this.elapsed / this.done) * (this.total - this.done),
    });
  }

  private weight(step: Step): number {
    return this.options.predict?.(step) ?? 1;
  }
}
