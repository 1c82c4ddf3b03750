import { chebyshevDepth } from '../circuit/chebyshev.js';
import type { LinearOutput, LinearStep, LinearTerm, PolynomialStep, Step } from '../circuit/circuit.js';
import { ciphertextCount, extentAcross, extentOf, fitsSlots, type Layout, slotStrideOf } from '../circuit/layout.js';
import { type LinearMap, withPeriod } from '../circuit/linear-map.js';
import { diagonalCount, periodOf } from '../circuit/linear-step.js';
import type { InputPort, OutputPort, Packing, Port, ZeroSlots } from '../circuit/port.js';
import type { Register } from '../circuit/register.js';
import { FheError } from '../errors.js';
import { type Graph, inputOf, outputOf } from '../network/graph.js';
import { type CircuitParameters, circuitParameters } from '../scheme/circuit-parameters.js';
import { zeroSlotDeviation } from '../scheme/noise.js';
import type { Parameters } from '../scheme/parameters.js';
import type { ActivationLayer, Branch, LayerGraph, LinearLayer } from './layers.js';
import { columnsOutermost } from './layouts/columns-outermost.js';
import { isLocal, type LayoutStrategy } from './layouts/strategy.js';
import { assignLevels, type LayerLevel, type Levels } from './levels.js';
import { biasVectors, isColumnConstant } from './maps/bias-vector.js';
import { denseFolds, denseLayout, denseMap, denseZeros } from './maps/dense-map.js';
import { columnsFillSlots, localMap, localZeros } from './maps/local-map.js';
import { isColumnInvariant, type LocalOperator } from './operators.js';
import { foldActivations } from './passes/fold-activations.js';
import { foldBatchNormalization } from './passes/fold-batch-normalization.js';
import { fuseAveragePools } from './passes/fuse-average-pools.js';
import { groupLinearLayers } from './passes/group-linear-layers.js';

/** A linear step whose baby and giant steps are not chosen yet. */
export type LinearDraft = Omit<LinearStep, 'split'>;

export type DraftStep = LinearDraft | Exclude<Step, LinearStep>;

/** A circuit without the choices that depend on the cost of rotations. */
export interface CircuitDraft {
  readonly slots: number;
  readonly packing: Packing;
  readonly input: InputPort;
  readonly output: OutputPort;
  readonly stages: readonly { readonly name: string; readonly steps: readonly DraftStep[] }[];
}

/**
 * Turns a network into steps: one linear step per linear layer, and for each activation a square on every ciphertext, or a
 * polynomial, with a bootstrap before it where levels run out. A stage holds consecutive steps whose names are the same up to their last dot.
 * Throws ERR_PROFILE when the parameters' slots or levels don't suffice.
 */
export function lower(
  graph: Graph,
  parameters: Parameters,
  packing: Packing,
  strategy: LayoutStrategy = columnsOutermost,
): CircuitDraft {
  const circuit = circuitParameters(parameters);
  const { graph: layers, taps } = strategy.prepare(foldActivations(layersOf(graph)));
  const levels = assignLevels(layers, circuit);
  const { input, output, stages } = new Lowering(layers, levels, circuit, packing, strategy).run();
  const zeros = zeroSlots(layers, levels, stages.at(-1)!.steps.at(-1)!, packing, parameters);
  const { kind, shape, mean, deviation } = inputOf(graph);
  const { name: _output, ...result } = outputOf(graph);
  return {
    slots: circuit.slots,
    packing,
    input: { ...input, encoding: { kind, shape, mean, deviation, taps } },
    output: { ...output, encoding: result, zeros },
    stages,
  };
}

/** What a network's last layer leaves zero, where it reads activations alone: their values are of a known size. */
function zeroSlots(
  { layers, output }: LayerGraph,
  levels: Levels,
  step: DraftStep,
  packing: Packing,
  parameters: Parameters,
): ZeroSlots | undefined {
  const last = layers.find(({ name }) => name === output);
  if (last?.kind !== 'linear' || step.kind !== 'linear') {
    return undefined;
  }
  const sources = last.branches.map(({ source }) => source);
  if (!sources.every((source) => layers.some(({ name, kind }) => name === source && kind === 'activation'))) {
    return undefined;
  }
  const [{ operator }] = last.branches as readonly [Branch];
  const { period, runs } =
    operator.kind === 'dense'
      ? denseZeros(operator, step.inputLayout, step.slots)
      : localZeros(step.outputLayout, periodOf(step));
  if (runs.length === 0) {
    return undefined;
  }
  const deviation = zeroSlotDeviation(parameters, {
    level: step.level,
    period,
    // A square part by part has four times the scale of one that is complex.
    inputScale: Math.max(...sources.map((source) => levels.layers.get(source)!.scale)) * (packing.imaginary ? 4 : 1),
    outputScale: step.outputScale,
    diagonals: Math.max(...step.outputs.map((written) => diagonalCount({ outputs: [written] }))),
    folds: step.folds.length,
    // Activations are held in a form of size 1, of which windows add up several.
    inputSize: Math.max(...last.branches.map((branch) => windowSize(branch))),
  });
  return { period, runs, deviation };
}

function windowSize({ operator }: Branch): number {
  const [rows, columns] = (operator.kind === 'convolution' ? operator.window : undefined) ?? [1, 1];
  return rows * columns;
}

/** The layers of a network, activations as they are. */
export function layersOf(graph: Graph): LayerGraph {
  return groupLinearLayers(fuseAveragePools(foldBatchNormalization(graph)));
}

/** A branch whose operator reads a neighbourhood of each pixel. */
type LocalBranch = Branch & { readonly operator: LocalOperator };

/** Throws ERR_NETWORK for a fully connected layer among the branches. */
function localBranchesOf({ name, branches }: LinearLayer): readonly LocalBranch[] {
  return branches.map((branch) => {
    if (!isLocal(branch.operator)) {
      throw new FheError('ERR_NETWORK', `${name}: a fully connected layer can't be part of a sum`);
    }
    return { ...branch, operator: branch.operator };
  });
}

/** A value on its way through the circuit. */
interface Value {
  readonly registers: readonly Register[];
  readonly layout: Layout;
}

class Lowering {
  readonly #graph: LayerGraph;
  readonly #levels: Levels;
  readonly #parameters: CircuitParameters;
  readonly #packing: Packing;
  readonly #strategy: LayoutStrategy;
  readonly #values = new Map<string, Value>();
  readonly #stages: { name: string; steps: DraftStep[] }[] = [];

  constructor(
    graph: LayerGraph,
    levels: Levels,
    parameters: CircuitParameters,
    packing: Packing,
    strategy: LayoutStrategy,
  ) {
    this.#graph = graph;
    this.#levels = levels;
    this.#parameters = parameters;
    this.#packing = packing;
    this.#strategy = strategy;
  }

  run(): { input: Port; output: Port; stages: CircuitDraft['stages'] } {
    const { input, output } = this.#graph;
    const layout = this.#strategy.input(this.#graph, this.#parameters.slots);
    this.#values.set(input.name, { layout, registers: registersOf(input.name, layout) });
    for (const layer of this.#graph.layers) {
      const value = layer.kind === 'linear' ? this.#linear(layer) : this.#activation(layer);
      this.#values.set(layer.name, value);
    }
    return {
      input: { ...this.#values.get(input.name)!, ...this.#levels.input },
      output: { ...this.#values.get(output)!, ...this.#levels.output },
      stages: this.#stages,
    };
  }

  #linear(layer: LinearLayer): Value {
    const { slots } = this.#parameters;
    const inputLayout = this.#source(layer.branches[0]!).layout;
    const { layout, maps, folds } = this.#mapsOf(layer);
    const periods = maps.flatMap(({ blocks }) => blocks.map(({ diagonals }) => diagonals.period));
    const least = isColumnConstant(layer.bias, layer.shape) ? 1 : slots;
    const period = Math.max(least, ...periods);
    checkLayout(layer, layout, slots);
    const registers = registersOf(layer.name, layout);
    const biases = biasVectors(layer.bias, layer.shape, layout, period);
    const terms = registers.map((): LinearTerm[] => []);
    for (const [index, { blocks }] of maps.entries()) {
      const sources = this.#summed(layer.branches[index]!, `${layer.name}.sum${index + 1}`);
      for (const { from, to, diagonals } of blocks) {
        terms[to]!.push({ source: sources[from]!, diagonals: withPeriod(diagonals, period) });
      }
    }
    const outputs = registers.map(
      (register, ciphertext): LinearOutput => ({
        register,
        terms: terms[ciphertext]!,
        bias: biases.get(ciphertext) ?? new Float64Array(period),
      }),
    );
    const { level, scale } = this.#levelOf(layer.name);
    this.#push({
      kind: 'linear',
      name: layer.name,
      slots,
      level,
      outputScale: scale,
      outputs,
      folds,
      conjugate: this.#packing.imaginary,
      inputLayout,
      outputLayout: layout,
    });
    return { registers, layout };
  }

  /** The registers that a branch reads: those of its source, or sums over windows of them, by doubling. */
  #summed({ source, operator }: Branch, name: string): readonly Register[] {
    const { registers, layout } = this.#values.get(source)!;
    const [rows, columns] = (operator.kind === 'convolution' ? operator.window : undefined) ?? [1, 1];
    const doublings = (window: number, stride: number): number[] =>
      Array.from({ length: Math.log2(window) }, (_, doubling) => stride * 2 ** doubling);
    const rotations = [
      ...doublings(rows, slotStrideOf(layout, 'row')),
      ...doublings(columns, slotStrideOf(layout, 'column')),
    ];
    const { level, scale } = this.#after(source);
    return registers.map((register, ciphertext) =>
      rotations.reduce((summed, rotation, fold) => {
        const target = `${name}-${ciphertext + 1}-${fold + 1}`;
        this.#push({ kind: 'fold', name: target, source: summed, target, level, outputScale: scale, rotation });
        return target;
      }, register),
    );
  }

  /** One map per branch, all to one layout. */
  #mapsOf(layer: LinearLayer): { layout: Layout; maps: LinearMap[]; folds: readonly number[] } {
    const { slots } = this.#parameters;
    const [{ operator: only, source }] = layer.branches as readonly [Branch];
    if (only.kind === 'dense' && layer.branches.length === 1) {
      const input = this.#values.get(source)!.layout;
      return {
        layout: denseLayout(input, layer.shape[0], slots),
        maps: [denseMap(only, input, slots)],
        folds: denseFolds(input, layer.shape[0], slots),
      };
    }
    const branches = localBranchesOf(layer);
    const layouts = branches.map((branch) => this.#strategy.after(branch.operator, layer, this.#source(branch).layout));
    const [layout] = layouts as [Layout];
    if (layouts.some((other) => JSON.stringify(other.digits) !== JSON.stringify(layout.digits))) {
      throw new FheError('ERR_NETWORK', `${layer.name}: the values that are joined lie differently in the slots`);
    }
    const period = this.#periodOf(layer, branches, layout);
    const maps = branches.map((branch) =>
      localMap(branch.operator, branch.firstChannel, this.#source(branch).layout, layout, slots, period),
    );
    return { layout, maps, folds: [] };
  }

  /** The slots of one image in one column where all columns are treated alike, else all slots. */
  #periodOf(layer: LinearLayer, branches: readonly LocalBranch[], output: Layout): number {
    const { slots } = this.#parameters;
    const phases = extentAcross(output, 'column');
    const alike =
      isColumnConstant(layer.bias, layer.shape) &&
      columnsFillSlots(output, slots) &&
      branches.every(
        (branch) => isColumnInvariant(branch.operator, phases) && columnsFillSlots(this.#source(branch).layout, slots),
      );
    return alike ? slotStrideOf(output, 'image') : slots;
  }

  #activation(layer: ActivationLayer): Value {
    const { layout, registers: sources } = this.#values.get(layer.source)!;
    const registers = registersOf(layer.name, layout);
    for (const [index, source] of sources.entries()) {
      const target = registers[index]!;
      if (layer.function.name === 'quadratic') {
        this.#square(layer, source, target);
      } else {
        this.#polynomial(layer, source, target);
      }
    }
    return { registers, layout };
  }

  #square({ name }: ActivationLayer, source: Register, target: Register): void {
    const { level, scale } = this.#levelOf(name);
    this.#push({
      kind: 'square',
      name: target,
      source,
      target,
      level,
      outputScale: scale,
      componentwise: this.#packing.imaginary,
    });
  }

  #polynomial(layer: ActivationLayer, source: Register, target: Register): void {
    const { level, scale, bootstrap, polynomial } = this.#levelOf(layer.name);
    let input = source;
    if (bootstrap) {
      input = `${target}.bootstrap`;
      const { level: before, scale: outputScale } = this.#after(layer.source);
      this.#push({ kind: 'bootstrap', name: input, source, target: input, level: before, outputScale, bound: 1 });
    }
    const step: PolynomialStep = {
      kind: 'polynomial',
      name: target,
      source: input,
      target,
      level,
      outputScale: scale,
      polynomial: polynomial!,
      levels: chebyshevDepth(polynomial!.coefficients.length - 1),
    };
    this.#push(step);
  }

  #push(step: DraftStep): void {
    const dot = step.name.lastIndexOf('.');
    const bootstrapped = step.kind === 'bootstrap' ? step.name.lastIndexOf('.', dot - 1) : dot;
    const name = bootstrapped < 0 ? step.name : step.name.slice(0, bootstrapped);
    const last = this.#stages.at(-1);
    if (last?.name === name) {
      last.steps.push(step);
    } else {
      this.#stages.push({ name, steps: [step] });
    }
  }

  #source({ source }: Branch): Value {
    return this.#values.get(source)!;
  }

  #levelOf(layer: string): LayerLevel {
    return this.#levels.layers.get(layer)!;
  }

  /** Level and scale of a layer's result, or of the input. */
  #after(name: string): { level: number; scale: number } {
    const layer = this.#graph.layers.find((candidate) => candidate.name === name);
    if (layer === undefined) {
      return this.#levels.input;
    }
    const { level, scale, polynomial } = this.#levelOf(name);
    if (layer.kind === 'linear') {
      return { level: level - 1, scale };
    }
    const taken =
      polynomial === undefined ? this.#parameters.squareLevels : chebyshevDepth(polynomial.coefficients.length - 1);
    return { level: level - taken, scale };
  }
}

/** Throws ERR_PROFILE when a layer's result does not lie in its layout, or that not in the slots. */
function checkLayout({ name, shape }: LinearLayer, layout: Layout, slots: number): void {
  const extents = (['channel', 'row', 'column'] as const).map((axis) => extentOf(layout, axis));
  if (extents.some((extent, axis) => extent !== shape[axis]) || !fitsSlots(layout, slots)) {
    throw new FheError('ERR_PROFILE', `${name}: a result of shape [${shape.join(', ')}] has no room in ${slots} slots`);
  }
}

/** A register for each ciphertext of a value. */
function registersOf(name: string, layout: Layout): Register[] {
  const count = ciphertextCount(layout);
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}[${index}]`);
}
