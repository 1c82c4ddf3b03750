import type { LinearStep, Step } from '../circuit/circuit.js';
import { columnStrideOf } from '../circuit/layout.js';
import { diagonalCount, offsetsOf, periodOf } from '../circuit/linear-step.js';
import { stageKeys, stepRotations } from '../circuit/stage-keys.js';
import type { CostModel } from '../cost/cost-model.js';
import { costModel } from '../cost/engine-cost.js';
import { totalKeyBytes } from '../cost/key-bytes.js';
import { referenceRates } from '../cost/rates.js';
import { linearWork, stepSeconds } from '../cost/step-cost.js';
import { columnsOutermost } from '../lowering/layouts/columns-outermost.js';
import type { LayoutStrategy } from '../lowering/layouts/strategy.js';
import { type CircuitDraft, type LinearDraft, lower } from '../lowering/lower.js';
import { largestPacking } from '../lowering/packing.js';
import { type Graph, topologyHash } from '../network/graph.js';
import type { Parameters } from '../scheme/parameters.js';
import { type Plan, type PlannedLinear, type PlannedStep, parametersHash, planFormat, planHash } from './plan.js';
import { type SplitShape, splitOffsets, splitWithCopy, splitWithoutGiants } from './splits.js';

const babyCounts = [4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64];

const shapes: readonly SplitShape[] = babyCounts.flatMap((babies): SplitShape[] => [
  { babies, columns: 'giant' },
  { babies, columns: 'baby' },
]);

/**
 * Chooses the baby and giant steps of every linear step: least predicted time of a circuit for one image, plus a price for each byte of keys, where one key serves all steps that use its rotation.
 */
export function searchPlan(
  graph: Graph,
  parameters: Parameters,
  name: string,
  strategy: LayoutStrategy = columnsOutermost,
): Plan {
  const draft = lower(graph, parameters, largestPacking(graph, parameters, strategy), strategy);
  const model = costModel(parameters, referenceRates);
  const chosen = new Search(draft, model).run();
  const stages = draft.stages.map(({ name: stage, steps }) => {
    const variants = steps.map((step): StepVariants => (step.kind === 'linear' ? chosen.get(step)! : { step }));
    const planned = variants.flatMap(({ step, real }) => (real === undefined ? [step] : [step, real]));
    return {
      name: stage,
      keys: stageKeys(planned, draft.slots),
      steps: variants.map((variant) => describe(variant, model)),
    };
  });
  const decided: Omit<Plan, 'hash'> = {
    format: planFormat,
    name,
    network: graph.name,
    topologyHash: topologyHash(graph),
    parametersHash: parametersHash(parameters),
    ...(strategy.name === 'columns-outermost' ? {} : { layout: strategy.name }),
    slots: draft.slots,
    packing: draft.packing,
    input: draft.input,
    output: draft.output,
    stages,
    seconds: stages.flatMap(({ steps }) => steps).reduce((sum, { seconds }) => sum + seconds, 0),
    keyBytes: totalKeyBytes(
      stages.map((stage) => stage.keys),
      model.keysOnDisk,
    ),
  };
  return { ...decided, hash: planHash(decided) };
}

/** A step of the largest packing, and the same for images in the real part alone where another split is cheaper. */
interface StepVariants<Planned extends Step = Step> {
  readonly step: Planned;
  readonly real?: LinearStep | undefined;
}

function describe({ step, real }: StepVariants, model: CostModel): PlannedStep {
  const { name, kind, level } = step;
  const seconds = stepSeconds(step, model);
  return step.kind === 'linear'
    ? { name, kind, level, linear: describeLinear(step, real), seconds }
    : { name, kind, level, seconds };
}

function describeLinear(step: LinearStep, real: LinearStep | undefined): PlannedLinear {
  return {
    diagonals: diagonalCount(step),
    period: periodOf(step),
    ...step.split,
    folds: step.folds,
    ...(real === undefined ? {} : { real: real.split }),
  };
}

/** One step under one shape of split. */
interface Candidate extends StepVariants<LinearStep> {
  /** Of the cheaper variant: a single image's. */
  readonly seconds: number;
  readonly rotations: readonly number[];
}

/** Steps whose inputs have the same distance between columns use the same rotations and share one shape. */
interface Group {
  readonly candidates: readonly { readonly level: number; readonly byShape: readonly Candidate[] }[];
}

class Search {
  readonly #model: CostModel;
  readonly #groups: readonly Group[];
  /** Which draft a candidate's step completes. */
  readonly #drafts = new Map<LinearStep, LinearDraft>();

  constructor(draft: CircuitDraft, model: CostModel) {
    this.#model = model;
    const groups = new Map<number, { level: number; byShape: Candidate[] }[]>();
    for (const { steps } of draft.stages) {
      const level = Math.max(...steps.map((step) => step.level));
      for (const step of steps) {
        if (step.kind === 'linear') {
          const columnStride = columnStrideOf(step.inputLayout);
          const group = groups.get(columnStride) ?? [];
          groups.set(columnStride, group);
          group.push({ level, byShape: this.#candidates(step, draft.slots) });
        }
      }
    }
    this.#groups = [...groups.values()].map((candidates) => ({ candidates }));
  }

  /** The chosen step for each draft: the best descent over one group's shape at a time, from every uniform start. */
  run(): ReadonlyMap<LinearDraft, StepVariants<LinearStep>> {
    let best = { cost: Number.POSITIVE_INFINITY, choice: this.#groups.map(() => 0) };
    for (const start of shapes.keys()) {
      const found = this.#descend(this.#groups.map(() => start));
      best = found.cost < best.cost ? found : best;
    }
    return new Map(
      this.#groups.flatMap(({ candidates }, group) =>
        candidates.map(({ byShape }) => {
          const variants = byShape[best.choice[group]!]!;
          return [this.#drafts.get(variants.step)!, variants] as const;
        }),
      ),
    );
  }

  /** One for each shape. A step with several outputs has no giant steps, and the same split in all of them. */
  #candidates(draft: LinearDraft, slots: number): Candidate[] {
    if (draft.outputs.length === 1) {
      return shapes.map((shape) => this.#candidate(draft, shape, slots));
    }
    const step: LinearStep = { ...draft, split: splitWithoutGiants(offsetsOf(draft), slots) };
    this.#drafts.set(step, draft);
    const seconds = this.#model.linearSeconds(linearWork({ ...step, conjugate: false }));
    const candidate = { step, seconds, rotations: stepRotations(step, slots) };
    return shapes.map(() => candidate);
  }

  #candidate(draft: LinearDraft, shape: SplitShape, slots: number): Candidate {
    const offsets = offsetsOf(draft);
    const columnStride = columnStrideOf(draft.inputLayout);
    const step: LinearStep = { ...draft, split: splitOffsets(offsets, columnStride, slots, shape) };
    this.#drafts.set(step, draft);
    const plain: LinearStep = { ...step, conjugate: false };
    const withCopy = draft.conjugate ? splitWithCopy(offsets, columnStride, slots, shape) : undefined;
    const variants = [plain, ...(withCopy === undefined ? [] : [{ ...plain, split: withCopy }])];
    const timed = variants.map((real) => ({ real, seconds: this.#model.linearSeconds(linearWork(real)) }));
    const best = timed.reduce((left, right) => (right.seconds < left.seconds ? right : left));
    const rotations = new Set([...stepRotations(step, slots), ...stepRotations(best.real, slots)]);
    return {
      step,
      real: best.real === plain ? undefined : best.real,
      seconds: best.seconds,
      rotations: [...rotations],
    };
  }

  #descend(start: readonly number[]): { readonly cost: number; readonly choice: number[] } {
    const choice = [...start];
    let cost = this.#cost(choice);
    for (let improved = true; improved; ) {
      improved = false;
      for (const group of choice.keys()) {
        for (const shape of shapes.keys()) {
          const previous = choice[group]!;
          choice[group] = shape;
          const found = this.#cost(choice);
          if (found < cost) {
            cost = found;
            improved = true;
          } else {
            choice[group] = previous;
          }
        }
      }
    }
    return { cost, choice };
  }

  #cost(choice: readonly number[]): number {
    const keys = new Map<number, number>();
    let seconds = 0;
    for (const [group, { candidates }] of this.#groups.entries()) {
      for (const { level, byShape } of candidates) {
        const candidate = byShape[choice[group]!]!;
        seconds += candidate.seconds;
        for (const rotation of candidate.rotations) {
          keys.set(rotation, Math.max(level, keys.get(rotation) ?? 0));
        }
      }
    }
    const { keysOnDisk } = this.#model;
    let bytes = 0;
    for (const level of keys.values()) {
      bytes += keysOnDisk.key(level);
    }
    return seconds + this.#model.keyPriceSecondsPerByte * bytes;
  }
}
