import { chebyshevFit } from '../../chebyshev.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Polynomial, Quadratic } from '../graph.js';

/**
 * A circuit computes a (x + t)^2 with t = b / 2a, of which in a nearly linear channel only the small difference to t^2 counts:
 * the vertex lies at most about so many deviations of the inputs from their mean.
 */
const vertexLimit = 12;
/** Of a channel that is constant, whose square the circuit needs all the same. */
const leastCurvature = 1e-3;

/**
 * a x^2 + b x + k for each channel, of least squared error to `f` over a channel's inputs [channels, ...]. Where these show
 * too little curvature a is raised (`vertexLimit`), and b and k are best beside it.
 */
export function fitQuadratic(f: (x: number) => number, inputs: readonly Tensor[], channels: number): Quadratic {
  const fits = Array.from({ length: channels }, (_, channel) => fitChannel(f, inputs, channel, channels));
  const column = (index: number): Float64Array => Float64Array.from(fits, (fit) => fit[index]!);
  return { name: 'quadratic', a: column(0), b: column(1), k: column(2) };
}

/** The coefficients by orthogonal polynomials 1, u - m, u^2 - c u - d of u = x / max under the inputs' distribution. */
function fitChannel(
  f: (x: number) => number,
  inputs: readonly Tensor[],
  channel: number,
  channels: number,
): [a: number, b: number, k: number] {
  const parts = inputs.map(({ data }) => {
    const plane = data.length / channels;
    return data.subarray(channel * plane, (channel + 1) * plane);
  });
  const unit = parts.reduce((max, part) => part.reduce((most, x) => Math.max(most, Math.abs(x)), max), 0) || 1;
  const mean = (of: (u: number) => number): number => {
    let sum = 0;
    let count = 0;
    for (const part of parts) {
      count += part.length;
      for (const x of part) {
        sum += of(x / unit);
      }
    }
    return sum / count;
  };
  const value = (u: number): number => f(unit * u);
  const m = mean((u) => u);
  const variance = mean((u) => (u - m) ** 2);
  const c = variance > 0 ? mean((u) => u * u * (u - m)) / variance : 0;
  const square = mean((u) => u * u);
  const bend = (u: number): number => u * u - square - c * (u - m);
  const bendSize = mean((u) => bend(u) ** 2);
  const fitted = bendSize > 1e-12 ? mean((u) => value(u) * bend(u)) / bendSize : 0;
  const tilt = variance > 0 ? mean((u) => value(u) * (u - m)) / variance : 0;
  const least = variance > 0 ? Math.abs(tilt) / (2 * vertexLimit * Math.sqrt(variance)) : leastCurvature;
  const curvature = Math.abs(fitted) < least ? (fitted < 0 ? -least : least) : fitted;
  // What is left of f once the curvature is fixed.
  const rest = (u: number): number => value(u) - curvature * u * u;
  const slope = variance > 0 ? mean((u) => rest(u) * (u - m)) / variance : 0;
  const constant = mean(rest) - slope * m;
  return [curvature / unit ** 2, slope / unit, constant];
}

const bins = 64;
/** Share of the weight that follows the inputs; the rest holds the polynomial to the function everywhere. */
const distributionShare = 0.9;

/** The polynomial of a degree on [-bound, bound] of least mean squared error to `f` over the inputs, and over all of it. */
export function fitPolynomial(
  f: (x: number) => number,
  degree: number,
  inputs: readonly Tensor[],
  bound: number,
): Polynomial {
  const counts = new Float64Array(bins);
  let total = 0;
  for (const { data } of inputs) {
    total += data.length;
    for (const x of data) {
      counts[Math.min(bins - 1, Math.max(0, Math.floor(((x / bound + 1) / 2) * bins)))]! += 1;
    }
  }
  // Chebyshev points lie evenly in the angle; sin(angle) turns a density in x into one in the angle.
  const weight = (x: number): number => {
    const u = x / bound;
    const bin = Math.min(bins - 1, Math.floor(((u + 1) / 2) * bins));
    const density = (counts[bin]! / total) * (bins / 2);
    return distributionShare * density * Math.sqrt(1 - u * u) + (1 - distributionShare) / Math.PI;
  };
  return { name: 'polynomial', ...chebyshevFit(f, degree, bound, weight) };
}
