import { expect, test } from 'vitest';
import type { Circuit, LinearStep, SquareStep } from '../../src/circuit/circuit.js';
import type { LinearMap } from '../../src/circuit/linear-map.js';
import type { Ciphertext, Evaluator } from '../../src/engine/engine.js';
import type { OperationEvent } from '../../src/sessions/events.js';
import { runCircuit } from '../../src/sessions/run-circuit.js';

const layout = {
  channels: 1,
  height: 1,
  width: 1,
  images: 1,
  channelStride: 1,
  rowStride: 1,
  columnStride: 1,
  imageStride: 1,
};
const map: LinearMap = { name: 'map', slots: 2, period: 1, diagonals: new Map(), input: layout, output: layout };
const keys = { rotations: [], relinearization: true, conjugation: false, bootstrap: false, level: 2 };

function square(source: string, target: string): SquareStep {
  return { kind: 'square', name: `square ${target}`, source, target, level: 2, outputScale: 1, componentwise: false };
}

function linear(sources: readonly string[], target: string): LinearStep {
  return {
    kind: 'linear',
    name: `linear ${target}`,
    target,
    level: 2,
    outputScale: 1,
    terms: sources.map((source) => ({ source, map })),
    split: { babySteps: [0], giantSteps: [0], giantParents: [-1] },
    folds: [],
    bias: new Float64Array(1),
    conjugate: false,
  };
}

/** x -> a = x^2; b = a^2; c = linear(b, a): `a` must outlive `b`. */
const circuit: Circuit = {
  slots: 2,
  packing: { positions: 1, imaginary: false },
  input: { register: 'x', level: 2, scale: 1, layout },
  output: { register: 'c', level: 1, scale: 1, layout },
  stages: [
    { name: 'first', steps: [square('x', 'a'), square('a', 'b')], keys },
    { name: 'second', steps: [linear(['b', 'a'], 'c')], keys },
  ],
};

/** Writes down what is done to it; ciphertexts are numbered in the order in which they are made. */
class RecordingEvaluator implements Partial<Evaluator> {
  readonly log: string[] = [];
  readonly alive = new Set<number>();
  private made = 0;
  failAt: string | undefined;

  ciphertext(): Ciphertext & { readonly id: number } {
    const id = this.made++;
    this.alive.add(id);
    const dispose = (): void => void this.alive.delete(id);
    return { id, level: 2, scale: 1, bytes: 0, dispose, [Symbol.dispose]: dispose };
  }

  async enterStage(name: string): Promise<void> {
    this.log.push(`enter ${name}`);
  }

  async encodeLinear(step: LinearStep, inputScales: readonly number[]) {
    this.log.push(`encode ${step.name} for ${inputScales.length} inputs`);
    const dispose = (): void => void this.log.push('dispose encoded');
    return { bytes: 0, dispose, [Symbol.dispose]: dispose };
  }

  async linear(_: unknown, inputs: readonly Ciphertext[]): Promise<Ciphertext> {
    return this.compute('linear', inputs);
  }

  async square(input: Ciphertext): Promise<Ciphertext> {
    return this.compute('square', [input]);
  }

  private compute(kind: string, inputs: readonly Ciphertext[]): Ciphertext {
    if (this.failAt === kind) {
      throw new Error('failed as asked');
    }
    this.log.push(`${kind} of ${inputs.map((input) => (input as unknown as { id: number }).id).join(', ')}`);
    this.log.push(`alive ${[...this.alive].join(', ')}`);
    return this.ciphertext();
  }
}

function asEvaluator(recording: RecordingEvaluator): Evaluator {
  return recording as unknown as Evaluator;
}

test('runs the steps in order, stage by stage, and keeps a register until its last reader', async () => {
  const evaluator = new RecordingEvaluator();
  const { output } = await runCircuit(circuit, asEvaluator(evaluator), evaluator.ciphertext());
  expect(evaluator.log).toEqual([
    'enter first',
    'square of 0',
    'alive 0',
    'square of 1',
    'alive 1',
    'enter second',
    'encode linear c for 2 inputs',
    'linear of 2, 1',
    'alive 1, 2',
    'dispose encoded',
  ]);
  expect([...evaluator.alive]).toEqual([3]);
  output.dispose();
});

test('leaves nothing alive when a step fails', async () => {
  const evaluator = new RecordingEvaluator();
  evaluator.failAt = 'linear';
  await expect(runCircuit(circuit, asEvaluator(evaluator), evaluator.ciphertext())).rejects.toThrow('failed as asked');
  expect(evaluator.alive.size).toBe(0);
  expect(evaluator.log).toContain('dispose encoded');
});

test('an aborted signal ends the run between two steps and leaves nothing alive', async () => {
  const evaluator = new RecordingEvaluator();
  const controller = new AbortController();
  const run = runCircuit(circuit, asEvaluator(evaluator), evaluator.ciphertext(), {
    signal: controller.signal,
    onEvent: (event) => event.event === 'progress' && event.done === 1 && controller.abort(),
  });
  await expect(run).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect(evaluator.log.filter((line) => line.startsWith('square'))).toHaveLength(1);
  expect(evaluator.alive.size).toBe(0);
});

test('reports progress weighed by the predicted time, and traces each step beside its prediction', async () => {
  const evaluator = new RecordingEvaluator();
  const events: OperationEvent[] = [];
  const { trace } = await runCircuit(circuit, asEvaluator(evaluator), evaluator.ciphertext(), {
    predict: (step) => (step.kind === 'linear' ? 8 : 1),
    onEvent: (event) => events.push(event),
  });
  const progress = events.filter((event) => event.event === 'progress');
  expect(progress.map(({ text, done, total }) => [text, done, total])).toEqual([
    ['first', 0, 10],
    ['first', 1, 10],
    ['first', 2, 10],
    ['second', 2, 10],
    ['second', 10, 10],
  ]);
  expect(progress[0]?.secondsLeft).toBeUndefined();
  expect(progress.at(-1)?.secondsLeft).toBe(0);
  expect(trace.map(({ stage, name, kind, predictedSeconds }) => [stage, name, kind, predictedSeconds])).toEqual([
    ['first', 'square a', 'square', 1],
    ['first', 'square b', 'square', 1],
    ['second', 'linear c', 'linear', 8],
  ]);
  expect(trace.every((step) => step.seconds >= 0 && step.rssBytes > 0)).toBe(true);
});
