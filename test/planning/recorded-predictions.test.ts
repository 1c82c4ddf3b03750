import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { type CkksRates, referenceRates } from '../../src/cost/rates.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { planCircuit } from '../../src/planning/complete.js';
import { committedPlan } from '../../src/planning/plan.js';
import { predict } from '../../src/planning/predict.js';

/** What one image under params_fast took, and the rates of the machine and kernels that it ran on. */
interface Recorded {
  readonly what: string;
  readonly rates: CkksRates;
  readonly secondsOf: ReadonlyMap<string, number>;
}

interface RecordedStage {
  readonly stage: string;
  readonly seconds: number;
}

interface PredictionRecord {
  readonly date: string;
  readonly kernel: string;
  readonly threads: number;
  readonly otherCores: number;
  readonly rates: CkksRates;
  readonly stages: readonly RecordedStage[];
}

function readResult(name: string): string {
  const file = fileURLToPath(new URL(`../../bench/results/${name}`, import.meta.url));
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The trace of a run with AVX-512, from whose machine the committed rates of these kernels are. */
function recordedTrace(): Recorded {
  const { steps } = JSON.parse(readResult('trace-params_fast.json')) as { steps: readonly RecordedStage[] };
  const secondsOf = new Map<string, number>();
  for (const { stage, seconds } of steps) {
    secondsOf.set(stage, (secondsOf.get(stage) ?? 0) + seconds);
  }
  return { what: 'avx512, committed rates', rates: referenceRates.ckks, secondsOf };
}

/** Records of `npm run predictions` while other programs kept less than a tenth of a core busy. */
function recordedPredictions(): Recorded[] {
  const lines = readResult('predictions.jsonl').split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as PredictionRecord)
    .filter(({ otherCores }) => otherCores < 0.1)
    .map(({ rates, kernel, threads, date, stages }) => ({
      what: `${kernel}, ${threads} threads, ${date}`,
      rates,
      secondsOf: new Map(stages.map(({ stage, seconds }) => [stage, seconds])),
    }));
}

describe.each([recordedTrace(), ...recordedPredictions()])('$what', ({ rates, secondsOf }) => {
  test('the model predicts each stage within 30 % and the sum within 20 %', async () => {
    const { network, parameters } = findProfile('params_fast');
    const { graph } = await loadNetwork(weightsPath(network));
    const packing = { positions: 1, imaginary: false };
    const circuit = planCircuit(graph, parameters, packing, committedPlan('params_fast')!);
    const { seconds, steps } = predict(circuit, parameters, { ...referenceRates, ckks: rates });
    for (const [stage, measured] of secondsOf) {
      const predicted = steps.filter((step) => step.stage === stage).reduce((sum, step) => sum + step.seconds, 0);
      expect(predicted / measured, stage).toBeGreaterThan(0.7);
      expect(predicted / measured, stage).toBeLessThan(1.3);
    }
    const measured = [...secondsOf.values()].reduce((sum, ofStage) => sum + ofStage, 0);
    expect(seconds / measured).toBeGreaterThan(0.8);
    expect(seconds / measured).toBeLessThan(1.2);
  });
});
