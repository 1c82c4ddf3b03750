import { FheError } from '../errors.js';
import type { Activation, Network } from '../network/description.js';

/**
 * An activation y = f(x) written as y = factor * g(u) + constant with u = scale * (x + shift), where g is all that is
 * left to compute under encryption. Shift and scale go into the linear map before, factor and constant into the maps
 * after it.
 *
 * Square: a x^2 + b x + k = a (x + t)^2 + k', t = b / (2 a), k' = k - b^2 / (4 a): g(u) = u^2.
 * ReLU: u = x / bound lies in [-1, 1], where polynomials and bootstraps need no further scaling: g(u) = ReLU(bound u).
 */
export interface ActivationForm {
  readonly scale: number;
  /** One per channel. */
  readonly shift: Float64Array;
  readonly factor: Float64Array;
  readonly constant: Float64Array;
}

/** Throws ERR_WEIGHTS for a square activation without a quadratic term, or a ReLU without a range. */
export function activationForm(network: Network, activation: Activation, channels: number): ActivationForm {
  if (activation.kind === 'relu') {
    return {
      scale: 1 / reluBound(network, activation.name),
      shift: new Float64Array(channels),
      factor: new Float64Array(channels).fill(1),
      constant: new Float64Array(channels),
    };
  }
  const { a, b, k, name } = activation;
  const flat = a.findIndex((coefficient) => coefficient === 0);
  if (flat >= 0) {
    throw new FheError('ERR_WEIGHTS', `${name}: channel ${flat} has no quadratic term, which the circuit needs`);
  }
  return {
    scale: 1,
    shift: a.map((coefficient, channel) => b[channel]! / (2 * coefficient)),
    factor: a,
    constant: a.map((coefficient, channel) => k[channel]! - b[channel]! ** 2 / (4 * coefficient)),
  };
}

/** Bound of a ReLU's input from the weights' card. Throws ERR_WEIGHTS when there is none. */
export function reluBound(network: Network, activation: string): number {
  const range = network.ranges.get(activation);
  if (range === undefined) {
    throw new FheError('ERR_WEIGHTS', `network ${network.name}: no range for the activation ${activation}`);
  }
  return range.bound;
}

/** The form of a map's input that went through no activation. */
export function identityForm(channels: number): ActivationForm {
  return {
    scale: 1,
    shift: new Float64Array(channels),
    factor: new Float64Array(channels).fill(1),
    constant: new Float64Array(channels),
  };
}
