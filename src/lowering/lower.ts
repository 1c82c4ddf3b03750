import { chebyshevDepth } from '../circuit/chebyshev.js';
import type { CircuitPort, LinearStep, LinearTerm, Packing, Register, Step } from '../circuit/circuit.js';
import type { Layout } from '../circuit/layout.js';
import type { LinearMap } from '../circuit/linear-map.js';
import { FheError } from '../errors.js';
import type { Activation, Convolution, Network, ResidualBlock } from '../network/description.js';
import { type CircuitParameters, circuitParameters } from '../scheme/circuit-parameters.js';
import type { Profile } from '../scheme/parameters.js';
import { tensor } from '../tensor/tensor.js';
import { type ActivationForm, activationForm, identityForm, rangeOf } from './activation-form.js';
import { reluPolynomial } from './approximations/relu.js';
import { convolvedLayout, inputLayout } from './layouts/columns-outermost.js';
import {
  applyToPeriodic,
  convolutionMap,
  pointwiseMap,
  scaleWeights,
  spreadOverBlock,
  spreadOverElements,
  stemConvolution,
} from './maps/convolution.js';
import { headBias, headFolds, headMap, scoreLayout } from './maps/head.js';

/** A linear step whose baby and giant steps are not chosen yet. */
export type LinearDraft = Omit<LinearStep, 'split'>;

export type DraftStep = LinearDraft | Exclude<Step, LinearStep>;

/** A circuit without the choices that depend on the cost of rotations. */
export interface CircuitDraft {
  readonly slots: number;
  readonly packing: Packing;
  readonly input: CircuitPort;
  readonly output: CircuitPort;
  readonly stages: readonly { readonly name: string; readonly steps: readonly DraftStep[] }[];
}

/**
 * Turns a network into steps: one linear step per convolution (shortcuts join the block's second one) and one for the
 * head; between them a square, or a bootstrap and a polynomial. Stages: `stem`, one per block, the head.
 * Throws ERR_PROFILE when the profile's slots or levels don't suffice.
 */
export function draftCircuit(network: Network, profile: Profile, packing: Packing): CircuitDraft {
  return new Drafter(network, profile, packing).draft();
}

/** A value on its way through the network: a register, its layout, and what the next map has to undo. */
interface Feature {
  readonly register: Register;
  readonly layout: Layout;
  readonly form: ActivationForm;
}

/** What a linear step adds up: a convolution of a feature, or the feature itself (an identity shortcut). */
interface Branch {
  readonly feature: Feature;
  readonly convolution: Convolution | undefined;
}

/** The map of a branch on the feature's register, with the feature's factors inside; results multiplied by `scale`. */
function branchMap({ feature, convolution }: Branch, name: string, scale: Float64Array, slots: number): LinearMap {
  const { factor } = feature.form;
  if (convolution === undefined) {
    const factors = factor.map((value, channel) => value * scale[channel]!);
    return pointwiseMap(`${name}.shortcut`, feature.layout, slots, spreadOverBlock(feature.layout, factors));
  }
  return convolutionMap(scaleWeights(convolution, factor, scale), feature.layout, slots);
}

class Drafter {
  readonly #network: Network;
  readonly #profile: Profile;
  readonly #packing: Packing;
  readonly #parameters: CircuitParameters;
  #level: number;
  #scale: number;

  constructor(network: Network, profile: Profile, packing: Packing) {
    this.#network = network;
    this.#profile = profile;
    this.#packing = packing;
    this.#parameters = circuitParameters(profile);
    this.#level = this.#inputLevel();
    this.#scale = this.#parameters.inputScale;
  }

  draft(): CircuitDraft {
    const { slots } = this.#parameters;
    const layout = inputLayout(this.#network, slots);
    const input = { register: 'input', level: this.#level, scale: this.#scale, layout };
    const stages: { name: string; steps: DraftStep[] }[] = [];
    const stage = <Result>(name: string, build: (steps: DraftStep[]) => Result): Result => {
      const steps: DraftStep[] = [];
      stages.push({ name, steps });
      return build(steps);
    };

    const { stem, stemActivation, blocks, head } = this.#network;
    let feature: Feature = { register: 'input', layout, form: identityForm(layout.channels) };
    feature = stage(stem.name, (steps) =>
      this.#layer(steps, stem.name, [{ feature, convolution: stemConvolution(stem) }], stemActivation, false),
    );
    for (const block of blocks) {
      feature = stage(block.name, (steps) => this.#block(steps, block, feature));
    }
    stage(head.name, (steps) => this.#head(steps, feature));
    const output = {
      register: head.name,
      level: this.#level,
      scale: this.#scale,
      layout: scoreLayout(feature.layout, this.#network.classes.length),
    };
    return { slots, packing: this.#packing, input, output, stages };
  }

  #block(steps: DraftStep[], block: ResidualBlock, input: Feature): Feature {
    const { conv1, conv2, shortcut, activation1, activation2 } = block;
    const inner = this.#layer(steps, conv1.name, [{ feature: input, convolution: conv1 }], activation1, true);
    const branches = [
      { feature: inner, convolution: conv2 },
      { feature: input, convolution: shortcut },
    ];
    return this.#layer(steps, conv2.name, branches, activation2, true);
  }

  /** A linear step over the branches and the activation that follows; `refresh`: with a bootstrap where there are any. */
  #layer(
    steps: DraftStep[],
    name: string,
    branches: readonly Branch[],
    activation: Activation,
    refresh: boolean,
  ): Feature {
    const { activationScale, slots } = this.#parameters;
    const { feature, convolution } = branches[0]!;
    const layout = convolution === undefined ? feature.layout : convolvedLayout(feature.layout, convolution);
    const form = activationForm(this.#network, activation, layout.channels);
    const constants = form.shift.slice();
    for (const branch of branches) {
      branch.convolution?.bias.forEach((value, channel) => {
        constants[channel]! += value;
      });
    }
    const scaled = constants.map((value, channel) => value * form.scale[channel]!);
    const circular = convolution?.padding === 'circular-width';
    let bias = circular ? spreadOverBlock(layout, scaled) : spreadOverElements(layout, slots, scaled);
    const terms = branches.map((branch): LinearTerm => {
      const map = branchMap(branch, name, form.scale, slots);
      const { offset } = branch.feature.form;
      if (offset.some((value) => value !== 0)) {
        bias = addPeriodic(bias, applyToPeriodic(map, spreadOverBlock(branch.feature.layout, offset)));
      }
      return { source: branch.feature.register, map };
    });
    this.#linear(steps, name, terms, [], bias, activationScale);
    this.#activation(steps, activation, name, refresh);
    return { register: activation.name, layout, form };
  }

  #linear(
    steps: DraftStep[],
    name: string,
    terms: readonly LinearTerm[],
    folds: readonly number[],
    bias: Float64Array,
    outputScale: number,
  ): void {
    const level = this.#take(name, 1);
    this.#scale = outputScale;
    const conjugate = this.#packing.imaginary;
    const period = Math.max(bias.length, ...terms.map(({ map }) => map.period));
    steps.push({
      kind: 'linear',
      name,
      target: name,
      level,
      outputScale,
      terms: terms.map(({ source, map }) => ({ source, map: withPeriod(map, period) })),
      folds,
      bias: repeat(bias, period),
      conjugate,
    });
  }

  #activation(steps: DraftStep[], activation: Activation, source: Register, refresh: boolean): void {
    if (activation.kind === 'square') {
      const { squareLevels } = this.#parameters;
      const level = this.#take(activation.name, squareLevels);
      this.#scale = squareLevels === 0 ? this.#scale ** 2 : this.#scale;
      steps.push({
        kind: 'square',
        name: activation.name,
        source,
        target: activation.name,
        level,
        outputScale: this.#scale,
        componentwise: this.#packing.imaginary,
      });
      return;
    }
    const { level: refreshedLevel, reluDegree } = this.#bootstrapParameters();
    let input = source;
    if (refresh) {
      input = `${activation.name}.bootstrap`;
      steps.push({
        kind: 'bootstrap',
        name: input,
        source,
        target: input,
        level: this.#level,
        outputScale: this.#scale,
        bound: 1,
      });
      this.#level = refreshedLevel;
    }
    const levels = chebyshevDepth(reluDegree);
    steps.push({
      kind: 'polynomial',
      name: activation.name,
      source: input,
      target: activation.name,
      level: this.#take(activation.name, levels),
      outputScale: this.#scale,
      polynomial: reluPolynomial(rangeOf(this.#network, activation.name), reluDegree),
      levels,
    });
  }

  #head(steps: DraftStep[], input: Feature): void {
    const { slots, outputScale } = this.#parameters;
    const { factor, offset } = input.form;
    const [classes, channels] = this.#network.head.weight.shape as [number, number];
    const weight = this.#network.head.weight.data.map((value, index) => value * factor[index % channels]!);
    const head = { ...this.#network.head, weight: tensor([classes, channels], weight) };
    const biases = head.bias.map((bias, index) =>
      offset.reduce((sum, value, channel) => sum + weight[index * channels + channel]! * value, bias),
    );
    const terms = [{ source: input.register, map: headMap(head, input.layout, slots) }];
    const bias = headBias(input.layout, biases);
    this.#linear(steps, head.name, terms, headFolds(input.layout, slots), bias, outputScale);
  }

  /** The level at which a step runs; afterwards `levels` fewer are left. */
  #take(step: string, levels: number): number {
    const level = this.#level;
    if (level < levels) {
      throw new FheError(
        'ERR_PROFILE',
        `profile ${this.#profile.name} has too few levels: ${step} needs ${levels} and finds ${level}`,
      );
    }
    this.#level -= levels;
    return level;
  }

  /**
   * The least level that suffices. Leveled: the depth of the whole network. Bootstrapped: one above a bootstrap's
   * result, so that the stem's activation needs no bootstrap.
   */
  #inputLevel(): number {
    const { bootstrap, squareLevels, maximumLevel } = this.#parameters;
    if (bootstrap !== undefined) {
      return bootstrap.level + 1;
    }
    const activations = 1 + 2 * this.#network.blocks.length;
    const depth = activations * (1 + squareLevels) + 1;
    if (maximumLevel !== undefined && depth > maximumLevel) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${this.#network.name} needs ${depth} levels, profile ${this.#profile.name} has ${maximumLevel}`,
      );
    }
    return depth;
  }

  #bootstrapParameters(): { readonly level: number; readonly reluDegree: number } {
    const { bootstrap } = this.#parameters;
    if (bootstrap === undefined) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${this.#network.name} has ReLU activations, and profile ${this.#profile.name} has no bootstrap`,
      );
    }
    return bootstrap;
  }
}

/** The same map with its diagonals repeated to a longer period. */
function withPeriod(map: LinearMap, period: number): LinearMap {
  if (map.period === period) {
    return map;
  }
  const diagonals = new Map([...map.diagonals].map(([offset, diagonal]) => [offset, repeat(diagonal, period)]));
  return { ...map, period, diagonals };
}

function repeat(values: Float64Array, length: number): Float64Array {
  const repeated = new Float64Array(length);
  for (let start = 0; start < length; start += values.length) {
    repeated.set(values, start);
  }
  return repeated;
}

/** Sum of two vectors whose lengths are periods, powers of two. */
function addPeriodic(left: Float64Array, right: Float64Array): Float64Array {
  return Float64Array.from(
    { length: Math.max(left.length, right.length) },
    (_, slot) => left[slot % left.length]! + right[slot % right.length]!,
  );
}
