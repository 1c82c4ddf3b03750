import { evaluateChebyshev } from '../../chebyshev.js';
import {
  type KeyRequirements,
  type LinearOutput,
  type LinearStep,
  type PolynomialStep,
  sourcesOf,
} from '../../circuit/circuit.js';
import { periodOf } from '../../circuit/linear-step.js';
import type { Register } from '../../circuit/register.js';
import { assignOffsets, reduceStep } from '../../circuit/rotation-split.js';
import type { SlotValues } from '../../circuit/slot-values.js';
import { stepRotations } from '../../circuit/stage-keys.js';
import { FheError } from '../../errors.js';
import type { Ciphertext, Evaluator, OperationOptions } from '../engine.js';
import { readPayload, SimulatedCiphertext, simulated, writePayload } from './ciphertext.js';
import { addMapped, liveSlotsOf, type PreparedMap, prepareMap, rotateSlots } from './diagonals.js';
import type { SimulatedKeys } from './key-files.js';
import type { SimulationModel } from './model.js';
import type { NoiseSource } from './noise.js';
import { averageCongruent, combineParts, complexProduct, largest, mapParts, meanSquare } from './slot-arithmetic.js';

/** The maps of one output of a linear step, in the order of its terms. */
type PreparedOutput = readonly PreparedMap[];

/**
 * Executes steps on plain slots, with the levels, scales, key requirements and errors of an encrypted run, and noise
 * where asked. Also throws ERR_RANGE when a value leaves the interval of a polynomial or bootstrap, or does not fit
 * the modulus at its scale and level.
 */
export class SimulatedEvaluator implements Evaluator {
  readonly #model: SimulationModel;
  readonly #noise: NoiseSource;
  readonly #keys: SimulatedKeys | undefined;
  readonly #keySet: string;
  /** One circuit runs on many ciphertexts; the maps of steps with several outputs would fill the memory. */
  readonly #prepared = new WeakMap<LinearOutput, PreparedOutput>();
  #stage: KeyRequirements | undefined;
  #disposed = false;

  /** `keys` undefined: as if every key were there. */
  constructor(model: SimulationModel, noise: NoiseSource, keySet: string, keys: SimulatedKeys | undefined) {
    this.#model = model;
    this.#noise = noise;
    this.#keySet = keySet;
    this.#keys = keys;
  }

  async enterStage(name: string, keys: KeyRequirements): Promise<void> {
    this.#checkUsable();
    const held = this.#keys;
    if (held !== undefined) {
      const missing = keys.rotations.find((rotation) => !held.rotations.has(rotation));
      if (missing !== undefined) {
        throw new FheError('ERR_KEY_MISSING', `stage ${name}: no key for the rotation by ${missing}`);
      }
      for (const kind of ['relinearization', 'conjugation', 'bootstrap'] as const) {
        if (keys[kind] && !held[kind]) {
          throw new FheError('ERR_KEY_MISSING', `stage ${name}: no ${kind} key`);
        }
      }
    }
    this.#stage = keys;
  }

  async readCiphertext(payload: Uint8Array): Promise<Ciphertext> {
    this.#checkUsable();
    const { values, level, scale } = readPayload(payload, this.#keySet);
    const { slots, maximumLevel } = this.#model;
    if (values.real.length !== slots || level > maximumLevel) {
      throw new FheError(
        'ERR_CIPHERTEXT',
        `expected ${slots} slots and level ${maximumLevel} at most, found ${values.real.length} and ${level}`,
      );
    }
    return new SimulatedCiphertext(values, level, scale);
  }

  async writeCiphertext(ciphertext: Ciphertext, options: { readonly result: boolean }): Promise<Uint8Array> {
    this.#checkUsable();
    const { values, level, scale } = simulated(ciphertext);
    const { resultSlots } = this.#model;
    const written = options.result ? mapParts(values, (part) => averageCongruent(part, resultSlots)) : values;
    return writePayload(this.#keySet, level, scale, written);
  }

  async linear(step: LinearStep, inputs: readonly Ciphertext[], options?: OperationOptions): Promise<Ciphertext[]> {
    this.#checkUsable(options);
    const names = sourcesOf(step);
    const sources = new Map(inputs.map((input, index) => [names[index]!, simulated(input)]));
    this.#checkLinear(step, [...sources.values()]);
    return step.outputs.map((output) => this.#linearOutput(step, output, sources));
  }

  #linearOutput(
    step: LinearStep,
    output: LinearOutput,
    sources: ReadonlyMap<Register, SimulatedCiphertext>,
  ): SimulatedCiphertext {
    const maps = this.#prepared.get(output) ?? this.#prepare(step, output);
    if (step.outputs.length === 1) {
      this.#prepared.set(output, maps);
    }
    const inputs = output.terms.map(({ source }) => sources.get(source)!);
    const mapPart = (part: 'real' | 'imaginary'): Float64Array => {
      let sum = new Float64Array(this.#model.slots);
      for (const [index, { values }] of inputs.entries()) {
        if (values[part] !== undefined) {
          addMapped(maps[index]!, values[part], sum);
        }
      }
      for (const fold of step.folds) {
        const rotated = rotateSlots(sum, fold);
        sum = sum.map((value, slot) => value + rotated[slot]!);
      }
      return part === 'real' || step.conjugate
        ? sum.map((value, slot) => value + output.bias[slot % output.bias.length]!)
        : sum;
    };
    const complex = step.conjugate || inputs.some(({ values }) => values.imaginary !== undefined);
    const values = complex ? { real: mapPart('real'), imaginary: mapPart('imaginary') } : { real: mapPart('real') };
    const encoding = this.#encodingDeviation(step, output, inputs);
    return this.#rescaled(values, step.level - 1, step.outputScale, step.name, encoding);
  }

  async square(input: Ciphertext, componentwise: boolean, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    this.#requireKey('relinearization');
    const { values, level, scale } = simulated(input);
    const { squareLevels } = this.#model;
    this.#requireLevels(level, squareLevels, 'square');
    const squared = componentwise
      ? mapParts(values, (part) => part.map((value) => value * value))
      : complexProduct(values, values);
    if (squareLevels === 1) {
      return this.#rescaled(squared, level - 1, scale, 'square');
    }
    return this.#checked(squared, level, scale ** 2, 'square');
  }

  async polynomial(input: Ciphertext, step: PolynomialStep, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    this.#requireKey('relinearization');
    const { values, level } = simulated(input);
    this.#requireLevels(level, step.levels, step.name);
    checkBound(values, step.polynomial.bound, step.name);
    const result = evaluateChebyshev(step.polynomial, values.real);
    return this.#rescaled({ real: result }, level - step.levels, step.outputScale, step.name);
  }

  async bootstrap(input: Ciphertext, bound: number, options?: OperationOptions): Promise<Ciphertext> {
    this.#checkUsable(options);
    this.#requireKey('bootstrap');
    const { bootstrapLevel, bootstrapDeviation } = this.#model;
    if (bootstrapLevel === undefined) {
      throw new FheError('ERR_PROFILE', 'the profile has no bootstrap');
    }
    const { values, scale } = simulated(input);
    checkBound(values, bound, 'bootstrap');
    const refreshed = mapParts(values, (part) => part.slice());
    this.#noise.addTo(refreshed.real, bootstrapDeviation);
    return this.#checked(refreshed, bootstrapLevel, scale, 'bootstrap');
  }

  async add(left: Ciphertext, right: Ciphertext): Promise<Ciphertext> {
    this.#checkUsable();
    const first = simulated(left);
    const second = simulated(right);
    if (!nearlyEqual(first.scale, second.scale)) {
      throw new FheError('ERR_CIPHERTEXT', `cannot add scales ${first.scale} and ${second.scale}`);
    }
    const sum = combineParts(first.values, second.values, (a, b) => a + b);
    return this.#checked(sum, Math.min(first.level, second.level), first.scale, 'add');
  }

  async multiplyPlain(input: Ciphertext, factors: SlotValues): Promise<Ciphertext> {
    this.#checkUsable();
    const { values, level, scale } = simulated(input);
    this.#requireLevels(level, 1, 'plaintext product');
    return this.#rescaled(complexProduct(values, factors), level - 1, scale, 'plaintext product');
  }

  async rotate(input: Ciphertext, step: number): Promise<Ciphertext> {
    this.#checkUsable();
    this.#requireRotations([reduceStep(step, this.#model.slots)]);
    const { values, level, scale } = simulated(input);
    const rotated = mapParts(values, (part) => rotateSlots(part, step));
    return new SimulatedCiphertext(rotated, level, scale);
  }

  async dropToLevel(input: Ciphertext, level: number): Promise<Ciphertext> {
    this.#checkUsable();
    const source = simulated(input);
    if (level < 0 || level > source.level) {
      throw new FheError('ERR_LEVEL_EXHAUSTED', `cannot bring level ${source.level} to ${level}`);
    }
    return this.#checked(source.values, level, source.scale, 'level drop');
  }

  dispose(): void {
    this.#disposed = true;
  }

  /** Throws RangeError when the split does not reach every diagonal. */
  #prepare(step: LinearStep, { terms }: LinearOutput): PreparedOutput {
    const { slots, liveColumnsOnly } = this.#model;
    const live = liveColumnsOnly
      ? liveSlotsOf(step.outputLayout, periodOf(step), slots)
      : { columnStride: slots, liveSlots: slots };
    return terms.map(({ diagonals }) => {
      assignOffsets(step.split, diagonals.offsets, slots);
      return prepareMap(diagonals, slots, live);
    });
  }

  #checkLinear(step: LinearStep, inputs: readonly SimulatedCiphertext[]): void {
    this.#requireLevels(step.level, 1, step.name);
    for (const { level } of inputs) {
      this.#requireLevels(level, step.level, step.name);
    }
    this.#requireRotations(stepRotations(step, this.#model.slots));
    if (step.conjugate) {
      this.#requireKey('conjugation');
    }
  }

  /** Standard deviation of the sum, over all diagonals, of rounding errors of the weights times the inputs. */
  #encodingDeviation(step: LinearStep, { terms }: LinearOutput, inputs: readonly SimulatedCiphertext[]): number {
    const variance = inputs.reduce((sum, { values, scale }, index) => {
      const { period, offsets } = terms[index]!.diagonals;
      const { level, outputScale } = step;
      const deviation = this.#model.weightDeviation({ level, period, inputScale: scale, outputScale });
      return sum + offsets.length * meanSquare(values.real) * deviation ** 2;
    }, 0);
    return Math.sqrt(variance);
  }

  #rescaled(values: SlotValues, level: number, scale: number, name: string, further = 0): SimulatedCiphertext {
    const deviation = Math.hypot(this.#model.rescaleDeviation(scale), further);
    this.#noise.addTo(values.real, deviation);
    if (values.imaginary !== undefined) {
      this.#noise.addTo(values.imaginary, deviation);
    }
    return this.#checked(values, level, scale, name);
  }

  /** Refuses values that the modulus of the level cannot hold at the scale. */
  #checked(values: SlotValues, level: number, scale: number, name: string): SimulatedCiphertext {
    const bits = Math.log2(Math.max(largest(values), Number.MIN_VALUE)) + Math.log2(scale) + 1;
    const available = this.#model.modulusBits(level);
    if (!(bits < available)) {
      throw new FheError(
        'ERR_RANGE',
        `${name}: values up to ${largest(values).toPrecision(4)} at scale 2^${Math.log2(scale).toFixed(1)} ` +
          `need ${bits.toFixed(1)} bits, level ${level} has ${available}`,
      );
    }
    return new SimulatedCiphertext(values, level, scale);
  }

  #checkUsable(options?: OperationOptions): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the evaluator was disposed of');
    }
    if (options?.signal?.aborted === true) {
      throw new FheError('ERR_CANCELLED', 'interrupted');
    }
  }

  #requireLevels(level: number, needed: number, name: string): void {
    if (level < needed) {
      throw new FheError('ERR_LEVEL_EXHAUSTED', `${name} needs level ${needed}, found ${level}`);
    }
  }

  #requireRotations(rotations: readonly number[]): void {
    if (this.#keys === undefined) {
      return;
    }
    const missing = rotations.find((rotation) => rotation !== 0 && !this.#stage?.rotations.includes(rotation));
    if (missing !== undefined) {
      throw new FheError('ERR_KEY_MISSING', `no key for the rotation by ${missing} in this stage`);
    }
  }

  #requireKey(kind: 'relinearization' | 'conjugation' | 'bootstrap'): void {
    if (this.#keys !== undefined && this.#stage?.[kind] !== true) {
      throw new FheError('ERR_KEY_MISSING', `no ${kind} key in this stage`);
    }
  }
}

function checkBound(values: SlotValues, bound: number, name: string): void {
  const found = largest(values);
  if (!(found <= bound)) {
    throw new FheError('ERR_RANGE', `${name}: values must lie in [-${bound}, ${bound}], found ${found.toPrecision(4)}`);
  }
}

/** Scales are powers of two or products of primes close to them; more than rounding apart is a different scale. */
function nearlyEqual(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.abs(left);
}
