import { expect, test } from 'vitest';
import type { Circuit, LinearStep, SquareStep } from '../../src/circuit/circuit.js';
import type { Layout } from '../../src/circuit/layout.js';
import type { Diagonals } from '../../src/circuit/linear-map.js';
import { noTaps } from '../../src/circuit/port.js';
import type { Ciphertext, Evaluator } from '../../src/engine/engine.js';
import type { OperationEvent } from '../../src/sessions/events.js';
import { registersBefore, runStages } from '../../src/sessions/run-stages.js';

const layout: Layout = {
  digits: [{ axis: 'channel', extent: 1, slotStride: 1, ciphertextStride: 0 }],
  gaps: 'zero',
};
const picture = { kind: 'picture', shape: [1, 1, 1], mean: [0], deviation: [1], taps: noTaps } as const;
const diagonals: Diagonals = { period: 1, offsets: [], values: () => new Map() };
const keys = { rotations: [], relinearization: true, conjugation: false, bootstrap: false, level: 2 };

function square(source: string, target: string): SquareStep {
  return { kind: 'square', name: `square ${target}`, source, target, level: 2, outputScale: 1, componentwise: false };
}

function linear(sources: readonly string[], target: string): LinearStep {
  return {
    kind: 'linear',
    name: `linear ${target}`,
    slots: 2,
    level: 2,
    outputScale: 1,
    outputs: [{ register: target, terms: sources.map((source) => ({ source, diagonals })), bias: new Float64Array(1) }],
    inputLayout: layout,
    outputLayout: layout,
    split: { babySteps: [0], giantSteps: [0], giantParents: [-1] },
    folds: [],
    conjugate: false,
  };
}

/** x -> a = x^2; b = a^2; c = linear(b, a): `a` must outlive `b`. */
const circuit: Circuit = {
  slots: 2,
  packing: { positions: 1, imaginary: false },
  input: { registers: ['x'], level: 2, scale: 1, layout, encoding: picture },
  output: { registers: ['c'], level: 1, scale: 1, layout, encoding: { kind: 'scores', classes: [] } },
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

  async linear(_: unknown, inputs: readonly Ciphertext[]): Promise<Ciphertext[]> {
    return [this.compute('linear', inputs)];
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

/** The circuit's input. */
function given(evaluator: RecordingEvaluator): Map<string, Ciphertext> {
  return new Map([['x', evaluator.ciphertext()]]);
}

function asEvaluator(recording: RecordingEvaluator): Evaluator {
  return recording as unknown as Evaluator;
}

test('runs the steps in order, stage by stage, and keeps a register until its last reader', async () => {
  const evaluator = new RecordingEvaluator();
  const { registers } = await runStages(circuit, asEvaluator(evaluator), given(evaluator));
  expect(evaluator.log).toEqual([
    'enter first',
    'square of 0',
    'alive 0',
    'square of 1',
    'alive 1',
    'enter second',
    'linear of 2, 1',
    'alive 1, 2',
  ]);
  expect([...evaluator.alive]).toEqual([3]);
  expect([...registers.keys()]).toEqual(['c']);
});

test('a linear step is told which one comes next, also of a later stage', async () => {
  const steps = [linear(['x'], 'a'), square('a', 'b'), linear(['b'], 'c')] as const;
  const [first, between, last] = steps;
  const announced: unknown[] = [];
  const evaluator = new RecordingEvaluator();
  const evaluate = evaluator.linear.bind(evaluator);
  const linearOf: Evaluator['linear'] = (step, inputs, options) => {
    announced.push([step, options?.next]);
    return evaluate(step, inputs);
  };
  const stages = [
    { name: 'first', steps: [first, between], keys },
    { name: 'second', steps: [last], keys },
  ];
  await runStages(
    { ...circuit, stages },
    Object.assign(asEvaluator(evaluator), { linear: linearOf }),
    given(evaluator),
  );
  expect(announced).toEqual([
    [first, last],
    [last, undefined],
  ]);
});

test('leaves nothing alive when a step fails', async () => {
  const evaluator = new RecordingEvaluator();
  evaluator.failAt = 'linear';
  await expect(runStages(circuit, asEvaluator(evaluator), given(evaluator))).rejects.toThrow('failed as asked');
  expect(evaluator.alive.size).toBe(0);
});

test('an aborted signal ends the run between two steps and leaves nothing alive', async () => {
  const evaluator = new RecordingEvaluator();
  const controller = new AbortController();
  const run = runStages(circuit, asEvaluator(evaluator), given(evaluator), {
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
  const { trace } = await runStages(circuit, asEvaluator(evaluator), given(evaluator), {
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
  for (const { seconds, processorSeconds, rssBytes } of trace) {
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(processorSeconds).toBeGreaterThanOrEqual(0);
    expect(rssBytes).toBeGreaterThan(0);
  }
});

test('stages run apart: what the later ones need is what the earlier ones leave', async () => {
  const evaluator = new RecordingEvaluator();
  expect(registersBefore(circuit, 0)).toEqual(['x']);
  expect(registersBefore(circuit, 1)).toEqual(['b', 'a']);
  expect(registersBefore(circuit, 2)).toEqual(['c']);
  const first = await runStages(circuit, asEvaluator(evaluator), given(evaluator), { stages: { start: 0, end: 1 } });
  expect([...first.registers.keys()].sort()).toEqual(['a', 'b']);
  expect(evaluator.alive.size).toBe(2);
  const second = await runStages(circuit, asEvaluator(evaluator), first.registers, { stages: { start: 1, end: 2 } });
  expect([...second.registers.keys()]).toEqual(['c']);
  expect(evaluator.alive.size).toBe(1);
});
