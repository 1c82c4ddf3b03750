import { setImmediate } from 'node:timers/promises';
import { type Circuit, type LinearStep, type Stage, type Step, sourcesOf, targetsOf } from '../circuit/circuit.js';
import type { Register } from '../circuit/register.js';
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
  /** Processor time of the whole process, all threads: on a busy machine it tells work from waiting. */
  readonly processorSeconds: number;
  /** Undefined where the plan makes no statement. */
  readonly predictedSeconds: number | undefined;
  /** Resident memory of the process after the step, bytes. */
  readonly rssBytes: number;
}

export type Registers = ReadonlyMap<Register, Ciphertext>;

/** Consecutive stages of a circuit, by index: from the first to before `end`. */
export interface StageRange {
  readonly start: number;
  readonly end: number;
}

export interface RunOptions extends OperationControls {
  /** Default: all stages. */
  readonly stages?: StageRange | undefined;
  /** Seconds that the plan expects of a step; the time left is derived from it. Without it, steps count alike. */
  readonly predict?: ((step: Step) => number) | undefined;
}

export interface StagesRun {
  /** What later stages read, or the circuit's output; the caller disposes of them. */
  readonly registers: Registers;
  readonly trace: readonly StepTrace[];
}

/** Registers that a range of stages must be given: what it, or a stage after it, reads and an earlier stage wrote. */
export function registersBefore(circuit: Circuit, start: number): Register[] {
  const written = new Set(circuit.stages.slice(start).flatMap(({ steps }) => steps.flatMap(targetsOf)));
  const read = circuit.stages.slice(start).flatMap(({ steps }) => steps.flatMap(sourcesOf));
  return [...new Set([...read, ...circuit.output.registers])].filter((register) => !written.has(register));
}

/**
 * Executes stages of a circuit, one after another. Takes ownership of `given`: every register is disposed of after the
 * last step that reads it, and all of them when the run fails. Throws ERR_CANCELLED between steps once the signal is
 * aborted, RangeError when a register is missing, and whatever the evaluator throws.
 */
export async function runStages(
  circuit: Circuit,
  evaluator: Evaluator,
  given: Registers,
  options: RunOptions = {},
): Promise<StagesRun> {
  const { start, end } = options.stages ?? { start: 0, end: circuit.stages.length };
  const stages = circuit.stages.slice(start, end);
  const registers = new Map(given);
  const nextLinear = linearStepsAfter(stages);
  const lastReads = findLastReads(stages, registersBefore(circuit, end));
  const progress = new Progress(stages, options);
  const trace: StepTrace[] = [];
  try {
    for (const [index, stage] of stages.entries()) {
      throwIfCancelled(options.signal);
      progress.report(stage);
      await evaluator.enterStage(stage.name, stage.keys, stages[index + 1]);
      for (const step of stage.steps) {
        // An engine that computes in this thread leaves no other turn in which an interrupt could be noticed.
        await setImmediate();
        throwIfCancelled(options.signal);
        const started = performance.now();
        const startedOnProcessor = process.cpuUsage();
        const results = await executeStep(step, registers, evaluator, nextLinear.get(step), options.signal);
        for (const [position, target] of targetsOf(step).entries()) {
          registers.set(target, results[position]!);
        }
        disposeAfterLastRead(step, lastReads, registers);
        const seconds = (performance.now() - started) / 1000;
        const { user, system } = process.cpuUsage(startedOnProcessor);
        trace.push({
          stage: stage.name,
          name: step.name,
          kind: step.kind,
          level: step.level,
          seconds,
          processorSeconds: (user + system) / 1e6,
          predictedSeconds: options.predict?.(step),
          rssBytes: process.memoryUsage.rss(),
        });
        progress.finish(step, seconds);
        progress.report(stage);
      }
    }
    return { registers, trace };
  } catch (error) {
    for (const ciphertext of registers.values()) {
      ciphertext.dispose();
    }
    throw error;
  }
}

async function executeStep(
  step: Step,
  registers: ReadonlyMap<Register, Ciphertext>,
  evaluator: Evaluator,
  nextLinear: LinearStep | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly Ciphertext[]> {
  const inputs = sourcesOf(step).map((source) => read(registers, source));
  const [input] = inputs as [Ciphertext];
  switch (step.kind) {
    case 'linear':
      return evaluator.linear(step, inputs, { signal, next: nextLinear });
    case 'square':
      return [await evaluator.square(input, step.componentwise, { signal })];
    case 'polynomial':
      return [await evaluator.polynomial(input, step, { signal })];
    case 'fold': {
      using rotated = await evaluator.rotate(input, step.rotation);
      return [await evaluator.add(input, rotated)];
    }
    case 'bootstrap':
      return [await evaluator.bootstrap(input, step.bound, { signal })];
  }
}

/** Throws ERR_CANCELLED when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new FheError('ERR_CANCELLED', 'interrupted');
  }
}

/** The linear step after each one. */
function linearStepsAfter(stages: readonly Stage[]): ReadonlyMap<Step, LinearStep> {
  const steps = stages.flatMap(({ steps }) => steps).filter((step) => step.kind === 'linear');
  return new Map(steps.slice(1).map((next, index) => [steps[index]!, next]));
}

/** The last step of the stages that reads each register, without the registers that are needed afterwards. */
function findLastReads(stages: readonly Stage[], needed: readonly Register[]): ReadonlyMap<Register, Step> {
  const lastReads = new Map<Register, Step>();
  for (const step of stages.flatMap(({ steps }) => steps)) {
    for (const source of sourcesOf(step)) {
      lastReads.set(source, step);
    }
  }
  for (const register of needed) {
    lastReads.delete(register);
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
    stages: readonly Stage[],
    private readonly options: RunOptions,
  ) {
    this.total = stages.flatMap(({ steps }) => steps).reduce((sum, step) => sum + this.weight(step), 0);
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
