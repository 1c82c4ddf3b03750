import type { Circuit, KeyRequirements, Step } from '../circuit/circuit.js';
import type { CostModel } from '../cost/cost-model.js';
import { costModel } from '../cost/engine-cost.js';
import { totalKeyBytes } from '../cost/key-bytes.js';
import { type Rates, referenceRates } from '../cost/rates.js';
import { linearWork, stepSeconds } from '../cost/step-cost.js';
import type { Parameters } from '../scheme/parameters.js';

export interface StepPrediction {
  readonly stage: string;
  readonly name: string;
  readonly seconds: number;
}

/** What a circuit needs; the seconds on the machine, and with the threads, that the rates are of. */
export interface Prediction {
  /** Of all evaluation keys on disk. */
  readonly keyBytes: number;
  /** Largest over the stages: keys of the stage, mapped pages included, and memory and weights of its widest step. */
  readonly peakMemoryBytes: number;
  readonly seconds: number;
  readonly steps: readonly StepPrediction[];
}

export function predict(circuit: Circuit, parameters: Parameters, rates: Rates): Prediction {
  const model = costModel(parameters, rates);
  const steps = circuit.stages.flatMap((stage) =>
    stage.steps.map((step) => ({ stage: stage.name, name: step.name, seconds: stepSeconds(step, model) })),
  );
  const keys = circuit.stages.map((stage) => stage.keys);
  return {
    keyBytes: totalKeyBytes(keys, model.keysOnDisk),
    peakMemoryBytes: predictPeakMemory(circuit, parameters),
    seconds: steps.reduce((sum, { seconds }) => sum + seconds, 0) + model.keyLoadingSeconds(firstKeyBytes(keys, model)),
    steps,
  };
}

/** Largest over the stages, bytes: see Prediction. */
export function predictPeakMemory(circuit: Circuit, parameters: Parameters): number {
  // Any rates will do: bytes do not depend on them.
  const model = costModel(parameters, referenceRates);
  const keys = circuit.stages.map((stage) => stage.keys);
  const weights = circuit.stages.map(({ steps }) => Math.max(0, ...steps.map((step) => weightBytes(step, model))));
  return Math.max(...keys.map((required, stage) => stageMemoryBytes(required, keys, model) + weights[stage]!));
}

/** Of the keys that must be there before anything can be computed: those of later stages are read meanwhile. */
function firstKeyBytes(keys: readonly KeyRequirements[], model: CostModel): number {
  return totalKeyBytes(keys.slice(0, 1), model.keysOnDisk);
}

/** Predicted seconds of single steps of circuits under the parameters. */
export function predictStepSeconds(parameters: Parameters, rates: Rates): (step: Step) => number {
  const model = costModel(parameters, rates);
  return (step) => stepSeconds(step, model);
}

/** Of the plaintexts of a linear step. */
function weightBytes(step: Step, model: CostModel): number {
  return step.kind === 'linear' ? model.weightBytes(linearWork(step)) : 0;
}

/** A key that an earlier stage uses at a higher level is mapped as a whole. */
function stageMemoryBytes(required: KeyRequirements, all: readonly KeyRequirements[], model: CostModel): number {
  const asMade = all.map(
    (keys): KeyRequirements => ({
      ...keys,
      rotations: keys.rotations.filter((rotation) => required.rotations.includes(rotation)),
      relinearization: keys.relinearization && required.relinearization,
      conjugation: keys.conjugation && required.conjugation,
      bootstrap: required.bootstrap,
    }),
  );
  return totalKeyBytes(asMade, model.keysInMemory) + model.residentBytes(required.level);
}
