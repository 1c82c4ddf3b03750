import { type LinearStep, type Step, sourcesOf, targetsOf } from '../circuit/circuit.js';
import { ciphertextCount, digitsOf, extentOf, type Layout } from '../circuit/layout.js';
import { diagonalCount, periodOf } from '../circuit/linear-step.js';
import type { Port } from '../circuit/port.js';
import { stepRotations } from '../circuit/stage-keys.js';
import { costModel } from '../cost/engine-cost.js';
import { totalKeyBytes } from '../cost/key-bytes.js';
import { ratesOf } from '../cost/rates.js';
import { predictStepSeconds } from '../planning/predict.js';
import type { DeploymentChoice } from '../sessions/deployment.js';
import { machineRates } from '../sessions/machine-rates.js';
import { CircuitSource, loadModel } from '../sessions/model.js';

export interface ExplainOptions extends DeploymentChoice {
  /** The circuit for so many images in one group; default 1. */
  readonly images?: number | undefined;
}

/** How a feature map lies in ciphertexts. */
export interface LayoutExplanation {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** Positions for images side by side. */
  readonly images: number;
  readonly ciphertexts: number;
  /** Distances in slots between neighbours, the least significant digit of each axis first; 0 across ciphertexts. */
  readonly slotStrides: Readonly<Record<'channel' | 'row' | 'column' | 'image', readonly number[]>>;
}

export interface PortExplanation extends LayoutExplanation {
  readonly level: number;
  readonly scaleBits: number;
}

export interface StepExplanation {
  readonly name: string;
  readonly kind: Step['kind'];
  readonly level: number;
  /** log2 of the result's scale. */
  readonly scaleBits: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly predictedSeconds: number;
  /** Of linear steps. */
  readonly linear?: LinearExplanation;
}

export interface LinearExplanation {
  readonly input: LayoutExplanation;
  readonly output: LayoutExplanation;
  readonly diagonals: number;
  /** Of the diagonals, in slots. */
  readonly period: number;
  readonly babySteps: number;
  readonly giantSteps: number;
  readonly folds: number;
  /** Rotations that the step needs keys for. */
  readonly rotations: number;
}

export interface StageExplanation {
  readonly name: string;
  /** Rotations for which the stage reads a key. */
  readonly rotations: readonly number[];
  readonly relinearization: boolean;
  readonly conjugation: boolean;
  readonly bootstrap: boolean;
  /** Of all keys that the stage reads. */
  readonly keyBytes: number;
  readonly predictedSeconds: number;
  readonly steps: readonly StepExplanation[];
}

export interface Explanation {
  readonly profile: string;
  readonly network: string;
  readonly planHash: string;
  readonly slots: number;
  readonly images: number;
  readonly predictedFor: string;
  readonly input: PortExplanation;
  readonly output: PortExplanation;
  readonly stages: readonly StageExplanation[];
}

/**
 * What a circuit does, stage by stage: shapes, layouts, ciphertexts, levels, scales, keys, predicted time.
 * Throws ERR_PROFILE, ERR_WEIGHTS, and ERR_USAGE for more images than a group holds.
 */
export async function explain(options: ExplainOptions = {}): Promise<Explanation> {
  const model = await loadModel(options);
  const { name: profile, parameters } = model.profile;
  const images = options.images ?? 1;
  const circuit = new CircuitSource(model).circuitFor(images);
  const rates = await machineRates(parameters.engine);
  const seconds = predictStepSeconds(parameters, rates);
  const { keysOnDisk } = costModel(parameters, rates);
  return {
    profile,
    network: model.graph.name,
    planHash: model.plan.hash,
    slots: circuit.slots,
    images,
    predictedFor: ratesOf(parameters, rates).machine,
    input: explainPort(circuit.input),
    output: explainPort(circuit.output),
    stages: circuit.stages.map(({ name, steps, keys }) => ({
      name,
      rotations: keys.rotations,
      relinearization: keys.relinearization,
      conjugation: keys.conjugation,
      bootstrap: keys.bootstrap,
      keyBytes: totalKeyBytes([keys], keysOnDisk),
      predictedSeconds: steps.reduce((sum, step) => sum + seconds(step), 0),
      steps: steps.map((step) => explainStep(step, seconds(step))),
    })),
  };
}

function explainPort({ layout, level, scale }: Port): PortExplanation {
  return { ...explainLayout(layout), level, scaleBits: Math.log2(scale) };
}

function explainLayout(layout: Layout): LayoutExplanation {
  const strides = (axis: 'channel' | 'row' | 'column' | 'image'): number[] =>
    digitsOf(layout, axis).map(({ slotStride }) => slotStride);
  return {
    channels: extentOf(layout, 'channel'),
    rows: extentOf(layout, 'row'),
    columns: extentOf(layout, 'column'),
    images: extentOf(layout, 'image'),
    ciphertexts: ciphertextCount(layout),
    slotStrides: {
      channel: strides('channel'),
      row: strides('row'),
      column: strides('column'),
      image: strides('image'),
    },
  };
}

function explainStep(step: Step, predictedSeconds: number): StepExplanation {
  return {
    name: step.name,
    kind: step.kind,
    level: step.level,
    scaleBits: Math.log2(step.outputScale),
    inputs: sourcesOf(step),
    outputs: targetsOf(step),
    predictedSeconds,
    ...(step.kind === 'linear' ? { linear: explainLinear(step) } : {}),
  };
}

function explainLinear(step: LinearStep): LinearExplanation {
  return {
    input: explainLayout(step.inputLayout),
    output: explainLayout(step.outputLayout),
    diagonals: diagonalCount(step),
    period: periodOf(step),
    babySteps: step.split.babySteps.length,
    giantSteps: step.split.giantSteps.length,
    folds: step.folds.length,
    rotations: new Set(stepRotations(step, step.slots)).size,
  };
}
