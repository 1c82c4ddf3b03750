import { evaluateChebyshev } from '../chebyshev.js';
import type { Polynomial, ScalarFunction } from './graph.js';

type Parameters<Name extends ScalarFunction['name']> = Extract<ScalarFunction, { name: Name }>;

/** Value at x of each function that networks are trained with. */
const values: { [Name in ScalarFunction['name']]: (x: number, by: Parameters<Name>) => number } = {
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  'leaky-relu': (x, { slope }) => (x < 0 ? slope * x : x),
  elu: (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x),
  sigmoid,
  'hard-sigmoid': hardSigmoid,
  tanh: Math.tanh,
  // Hendrycks and Gimpel, arXiv 1606.08415, exact and with their approximation.
  gelu: (x, { approximation }) =>
    0.5 * x * (1 + (approximation === 'none' ? erf(x * Math.SQRT1_2) : Math.tanh(geluScale * (x + 0.044715 * x ** 3)))),
  silu: (x) => x * sigmoid(x),
  'hard-swish': (x) => x * hardSigmoid(x),
  softplus,
  mish: (x) => x * Math.tanh(softplus(x)),
};

const geluScale = Math.sqrt(2 / Math.PI);

/** Names of all functions. */
export const scalarFunctionNames = Object.keys(values) as ScalarFunction['name'][];

/** The function itself, in float64. */
export function functionOf(by: ScalarFunction | Polynomial): (x: number) => number {
  if (by.name === 'polynomial') {
    return (x) => evaluateChebyshev(by, Float64Array.of(x))[0]!;
  }
  const value = values[by.name] as (x: number, by: ScalarFunction) => number;
  return (x) => value(x, by);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function hardSigmoid(x: number): number {
  return Math.min(1, Math.max(0, x / 6 + 0.5));
}

function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * Error function, to float64's precision: 2 / sqrt(pi) exp(-x^2) times the sum over n of 2^n x^(2n + 1) / (1 3 5 ... (2n + 1)),
 * whose terms have one sign (DLMF 7.6.2). Beyond 6 it is 1 to 16 digits.
 */
export function erf(x: number): number {
  if (Math.abs(x) > 6) {
    return Math.sign(x);
  }
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 2 ** -54; odd += 2) {
    term *= (2 * x * x) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
