import type { ChebyshevPolynomial } from '../chebyshev.js';
import { chebyshevDepth } from '../circuit/chebyshev.js';
import { FheError } from '../errors.js';
import type { CircuitParameters } from '../scheme/circuit-parameters.js';
import { activationPolynomial } from './approximations/activation-polynomial.js';
import { type ActivationLayer, type Layer, type LayerGraph, type LinearLayer, sourcesOf } from './layers.js';

/** Where a layer runs: `level` is that of its first step, `scale` that of its result. */
export interface LayerLevel {
  readonly level: number;
  readonly scale: number;
  /** A bootstrap stands before the layer, whose input it brings back to `level`. */
  readonly bootstrap: boolean;
  /** What stands for an activation that is no square. */
  readonly polynomial?: ChebyshevPolynomial | undefined;
}

export interface Levels {
  readonly input: { readonly level: number; readonly scale: number };
  readonly layers: ReadonlyMap<string, LayerLevel>;
  readonly output: { readonly level: number; readonly scale: number };
}

/** A linear step and the bootstrap after it need a level each. */
const levelsKeptForBootstrap = 2;

/**
 * Assigns levels, scales, polynomials and bootstraps. A linear layer takes one level, a square `squareLevels`, any other
 * activation the depth of its polynomial. Leveled: the input has the least level that suffices. Bootstrapped: the input is one level above a
 * bootstrap's result, and a bootstrap stands before every activation that would leave too few levels.
 * Throws ERR_PROFILE, naming the layer, when the parameters have too few levels or are for squares alone, and ERR_NETWORK
 * for an activation that no polynomial follows.
 */
export function assignLevels(graph: LayerGraph, parameters: CircuitParameters): Levels {
  const { bootstrap, maximumLevel, inputScale } = parameters;
  const polynomials = polynomialsOf(graph, parameters);
  const levelsOf = (layer: Layer): number => levelsTaken(layer, polynomials, parameters);
  const level = bootstrap === undefined ? depths(graph, levelsOf).get(graph.output)! : bootstrap.level + 1;
  if (maximumLevel !== undefined && level > maximumLevel) {
    throw new FheError(
      'ERR_PROFILE',
      `network ${graph.network} needs ${level} levels, its parameters have ${maximumLevel}`,
    );
  }
  const after = new Map([[graph.input.name, level]]);
  const scales = new Map([[graph.input.name, inputScale]]);
  const layers = new Map<string, LayerLevel>();
  for (const layer of graph.layers) {
    const source = Math.min(...sourcesOf(layer).map((name) => after.get(name)!));
    const taken = levelsOf(layer);
    const refreshed = layer.kind === 'activation' && bootstrap !== undefined && source - taken < levelsKeptForBootstrap;
    const found = refreshed ? bootstrap.level : source;
    if (found < taken) {
      throw new FheError(
        'ERR_PROFILE',
        `network ${graph.network}: ${layer.name} needs ${taken} levels and finds ${found}`,
      );
    }
    const scale =
      layer.kind === 'linear'
        ? linearScale(layer, graph, parameters)
        : activationScale(layer, scales.get(layer.source)!, parameters);
    layers.set(layer.name, { level: found, scale, bootstrap: refreshed, polynomial: polynomials.get(layer.name) });
    after.set(layer.name, found - taken);
    scales.set(layer.name, scale);
  }
  return {
    input: { level, scale: inputScale },
    layers,
    output: { level: after.get(graph.output)!, scale: scales.get(graph.output)! },
  };
}

/** Levels on the longest way from the input to each layer's result, without bootstraps. Throws as `assignLevels`. */
export function depthsOf(
  graph: LayerGraph,
  parameters: Pick<CircuitParameters, 'squareLevels' | 'polynomial'>,
): ReadonlyMap<string, number> {
  const polynomials = polynomialsOf(graph, parameters);
  return depths(graph, (layer) => levelsTaken(layer, polynomials, parameters));
}

function depths(graph: LayerGraph, levelsOf: (layer: Layer) => number): ReadonlyMap<string, number> {
  const found = new Map([[graph.input.name, 0]]);
  for (const layer of graph.layers) {
    const before = Math.max(...sourcesOf(layer).map((name) => found.get(name)!));
    found.set(layer.name, before + levelsOf(layer));
  }
  return found;
}

function levelsTaken(
  layer: Layer,
  polynomials: ReadonlyMap<string, ChebyshevPolynomial>,
  { squareLevels }: Pick<CircuitParameters, 'squareLevels'>,
): number {
  if (layer.kind === 'linear') {
    return 1;
  }
  const polynomial = polynomials.get(layer.name);
  return polynomial === undefined ? squareLevels : chebyshevDepth(polynomial.coefficients.length - 1);
}

/** By activation; squares have none. */
function polynomialsOf(
  { network, layers }: LayerGraph,
  { polynomial }: Pick<CircuitParameters, 'polynomial'>,
): ReadonlyMap<string, ChebyshevPolynomial> {
  const found = new Map<string, ChebyshevPolynomial>();
  for (const layer of layers) {
    if (layer.kind === 'linear' || layer.function.name === 'quadratic') {
      continue;
    }
    if (polynomial === undefined) {
      const activation = `${layer.name} is ${layer.function.name}, and its parameters are for square activations alone`;
      throw new FheError('ERR_PROFILE', `network ${network}: ${activation}`);
    }
    found.set(layer.name, activationPolynomial(layer, polynomial));
  }
  return found;
}

/** Squares and polynomials read their own scales; what is read by linear layers alone has the scale of a square. */
function linearScale(layer: LinearLayer, graph: LayerGraph, parameters: CircuitParameters): number {
  if (layer.name === graph.output) {
    return parameters.outputScale;
  }
  const reader = graph.layers.find((candidate) => candidate.kind === 'activation' && candidate.source === layer.name);
  if (reader?.kind !== 'activation') {
    return parameters.inputScale;
  }
  return reader.function.name === 'quadratic' ? parameters.activationScale : parameters.polynomialScale;
}

function activationScale(layer: ActivationLayer, source: number, parameters: CircuitParameters): number {
  if (layer.function.name !== 'quadratic') {
    return parameters.inputScale;
  }
  return parameters.squareLevels === 0 ? source ** 2 : source;
}
