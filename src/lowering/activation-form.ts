import { FheError } from '../errors.js';
import { functionOf } from '../network/activation-functions.js';
import type { ActivationRange } from '../network/graph.js';
import type { ActivationLayer } from './layers.js';

/**
 * An activation y = f(x) written as y = factor * (g(u) + offset) with u = scale * (x + shift), where g is all that is
 * left to compute under encryption. Shift and scale go into the linear layer before, factor and offset into those after
 * it.
 *
 * Quadratic: a x^2 + b x + k = a ((x + t)^2 + k'), t = b / (2 a), k' = k / a - t^2: g(u) = u^2. The scale is the inverse
 * of the largest |x + t| to expect, channel by channel, so that u^2 is at most about 1: weights are encoded with an
 * absolute error, and errors that multiply large squares would drown everything else.
 *
 * All others: u = x / bound lies in [-1, 1], where polynomials and bootstraps need no further scaling, and
 * g(u) = f(bound u) / size, with the largest magnitude that f has on the range as size.
 */
export interface ActivationForm {
  /** One per channel, like all others. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  readonly factor: Float64Array;
  readonly offset: Float64Array;
}

/** Throws ERR_WEIGHTS for a quadratic without a quadratic term, or an activation without a range. */
export function activationForm(layer: ActivationLayer): ActivationForm {
  const [channels] = layer.shape;
  const range = rangeOf(layer);
  if (layer.function.name !== 'quadratic') {
    return {
      scale: new Float64Array(channels).fill(1 / range.bound),
      shift: new Float64Array(channels),
      factor: new Float64Array(channels).fill(sizeOf(layer)),
      offset: new Float64Array(channels),
    };
  }
  const { a, b, k } = layer.function;
  const flat = a.indexOf(0);
  if (flat >= 0) {
    throw new FheError('ERR_WEIGHTS', `${layer.name}: channel ${flat} has no quadratic term, which the circuit needs`);
  }
  const shift = a.map((coefficient, channel) => b[channel]! / (2 * coefficient));
  const scale = shift.map((value) => 1 / (Math.abs(value) + range.quantile9999));
  return {
    scale,
    shift,
    factor: a.map((coefficient, channel) => coefficient / scale[channel]! ** 2),
    offset: a.map((coefficient, channel) => (k[channel]! / coefficient - shift[channel]! ** 2) * scale[channel]! ** 2),
  };
}

/** g of an activation's form, on [-1, 1], where it is no square. */
export function heldFunction(layer: ActivationLayer): (u: number) => number {
  const { bound } = rangeOf(layer);
  const size = sizeOf(layer);
  const value = functionFor(layer);
  return (u) => value(bound * u) / size;
}

/** Points of the range, its ends among them, at which a function's magnitude is looked for. */
const sizePoints = 257;

function sizeOf(layer: ActivationLayer): number {
  const { bound } = rangeOf(layer);
  const value = functionFor(layer);
  const points = Array.from({ length: sizePoints }, (_, index) => bound * ((2 * index) / (sizePoints - 1) - 1));
  return Math.max(...points.map((x) => Math.abs(value(x))));
}

function functionFor({ name, function: by }: ActivationLayer): (x: number) => number {
  if (by.name === 'quadratic') {
    throw new RangeError(`${name} is a square`);
  }
  return functionOf(by);
}

/** Range of an activation's input. Throws ERR_WEIGHTS when there is none. */
export function rangeOf({ name, range }: ActivationLayer): ActivationRange {
  if (range === undefined) {
    throw new FheError(
      'ERR_WEIGHTS',
      `no range is known for the input of the activation ${name}; import the network again with --calibrate PICTURES`,
    );
  }
  return range;
}
