import { FheError } from '../errors.js';
import type { Activation, Convolution, Network, ResidualBlock } from '../network/description.js';
import type { Profile } from '../profile/profile.js';
import { type ActivationForm, activationForm, identityForm, reluBound } from './activation-form.js';
import { chebyshevDepth, chebyshevInterpolation } from './chebyshev.js';
import type { CircuitPort, LinearStep, LinearTerm, Packing, Register, Step } from './circuit.js';
import {
  applyToPeriodic,
  convolutionMap,
  pointwiseMap,
  scaleInputs,
  scaleOutputs,
  spreadOverBlock,
  spreadOverElements,
  stemConvolution,
} from './convolution-map.js';
import { headBias, headFolds, headMap, scoreLayout } from './head-map.js';
import type { Layout } from './layout.js';
import type { LinearMap } from './linear-map.js';
import { type CircuitParameters, circuitParameters } from './parameters.js';
import { inputLayout } from './picture-layout.js';

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
    feature = stage(stem.name, (steps) => {
      const term = { feature, map: convolutionMap(stemConvolution(stem), feature.layout, slots) };
      return this.#layer(steps, stem.name, [term], [stem], stemActivation, false);
    });
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
    const { slots } = this.#parameters;
    const { conv1, conv2, shortcut } = block;
    const inner = this.#layer(
      steps,
      conv1.name,
      [{ feature: input, map: convolutionMap(conv1, input.layout, slots) }],
      [conv1],
      block.activation1,
      true,
    );
    const direct = { feature: inner, map: convolutionMap(conv2, inner.layout, slots) };
    if (shortcut === undefined) {
      const ones = new Float64Array(input.layout.channels).fill(1);
      const identity = pointwiseMap(`${block.name}.shortcut`, input.layout, slots, spreadOverBlock(input.layout, ones));
      const terms = [direct, { feature: input, map: identity }];
      return this.#layer(steps, conv2.name, terms, [conv2], block.activation2, true);
    }
    const terms = [direct, { feature: input, map: convolutionMap(shortcut, input.layout, slots) }];
    return this.#layer(steps, conv2.name, terms, [conv2, shortcut], block.activation2, true);
  }

  /** A linear step over the terms and the activation that follows; `refresh`: with a bootstrap where there are any. */
  #layer(
    steps: DraftStep[],
    name: string,
    inputs: readonly { readonly feature: Feature; readonly map: LinearMap }[],
    convolutions: readonly Convolution[],
    activation: Activation,
    refresh: boolean,
  ): Feature {
    const { activationScale, slots } = this.#parameters;
    const layout = inputs[0]!.map.output;
    const form = activationForm(this.#network, activation, layout.channels);
    const constants = form.shift.slice();
    for (const { bias } of convolutions) {
      bias.forEach((value, channel) => {
        constants[channel]! += value;
      });
    }
    const circular = convolutions.every(({ padding }) => padding === 'circular-width');
    let bias = circular ? spreadOverBlock(layout, constants) : spreadOverElements(layout, slots, constants);
    const terms = inputs.map(({ feature, map }): LinearTerm => {
      bias = addPeriodic(bias, applyToPeriodic(map, spreadOverBlock(feature.layout, feature.form.constant)));
      const scaled = scaleInputs(map, spreadOverBlock(feature.layout, feature.form.factor));
      return { source: feature.register, map: form.scale === 1 ? scaled : scaleOutputs(scaled, form.scale) };
    });
    this.#linear(
      steps,
      name,
      terms,
      [],
      bias.map((value) => value * form.scale),
      activationScale,
    );
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
    const bound = reluBound(this.#network, activation.name);
    const levels = chebyshevDepth(reluDegree);
    steps.push({
      kind: 'polynomial',
      name: activation.name,
      source: input,
      target: activation.name,
      level: this.#take(activation.name, levels),
      outputScale: this.#scale,
      polynomial: chebyshevInterpolation((x) => Math.max(0, bound * x), reluDegree, 1),
      levels,
    });
  }

  #head(steps: DraftStep[], input: Feature): void {
    const { head } = this.#network;
    const { slots, outputScale } = this.#parameters;
    const [classes, channels] = head.weight.shape as [number, number];
    const biases = Float64Array.from({ length: classes }, (_, index) => {
      let sum = head.bias[index]!;
      for (let channel = 0; channel < channels; channel++) {
        sum += head.weight.data[index * channels + channel]! * input.form.constant[channel]!;
      }
      return sum;
    });
    const map = scaleInputs(headMap(head, input.layout, slots), spreadOverBlock(input.layout, input.form.factor));
    const terms = [{ source: input.register, map }];
    this.#linear(
      steps,
      head.name,
      terms,
      headFolds(input.layout, slots),
      headBias(input.layout, biases),
      outputScale,
    );
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
  return Float64Array.from({ length }, (_, slot) => values[slot % values.length]!);
}

/** Sum of two vectors whose lengths are periods, powers of two. */
function addPeriodic(left: Float64Array, right: Float64Array): Float64Array {
  return Float64Array.from(
    { length: Math.max(left.length, right.length) },
    (_, slot) => left[slot % left.length]! + right[slot % right.length]!,
  );
}
