import { chebyshevDepth } from '../circuit/chebyshev.js';
import { FheError } from '../errors.js';
import type { CircuitParameters } from '../scheme/circuit-parameters.js';
import type { ActivationLayer, LayerGraph, LinearLayer } from './layers.js';

/** Where a layer runs: `level` is that of its first step, `scale` that of its result. */
export interface LayerLevel {
  readonly level: number;
  readonly scale: number;
  /** A bootstrap stands before the layer, whose input it brings back to `level`. */
  readonly bootstrap: boolean;
}

export interface Levels {
  readonly input: { readonly level: number; readonly scale: number };
  readonly layers: ReadonlyMap<string, LayerLevel>;
  readonly output: { readonly level: number; readonly scale: number };
}

/** A linear step and the bootstrap after it need a level each. */
const levelsKeptForBootstrap = 2;

/**
 * Assigns levels, scales and bootstraps. A linear layer takes one level, a square `squareLevels`, a ReLU the depth of its
 * polynomial. Leveled: the input has the least level that suffices. Bootstrapped: the input is one level above a
 * bootstrap's result, and a bootstrap stands before every activation that would leave too few levels.
 * Throws ERR_PROFILE, naming the layer, when the parameters have too few levels.
 */
export function assignLevels(graph: LayerGraph, parameters: CircuitParameters): Levels {
  const { bootstrap, maximumLevel, inputScale } = parameters;
  const level = bootstrap === undefined ? depthOf(graph, parameters) : bootstrap.level + 1;
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
    const taken = levelsOf(layer, parameters, graph);
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
    layers.set(layer.name, { level: found, scale, bootstrap: refreshed });
    after.set(layer.name, found - taken);
    scales.set(layer.name, scale);
  }
  return {
    input: { level, scale: inputScale },
    layers,
    output: { level: after.get(graph.output)!, scale: scales.get(graph.output)! },
  };
}

function sourcesOf(layer: LinearLayer | ActivationLayer): readonly string[] {
  return layer.kind === 'linear' ? layer.branches.map(({ source }) => source) : [layer.source];
}

/** Levels on the longest way from the input to the output. */
function depthOf(graph: LayerGraph, parameters: CircuitParameters): number {
  const depths = new Map([[graph.input.name, 0]]);
  for (const layer of graph.layers) {
    const before = Math.max(...sourcesOf(layer).map((name) => depths.get(name)!));
    depths.set(layer.name, before + levelsOf(layer, parameters, graph));
  }
  return depths.get(graph.output)!;
}

function levelsOf(
  layer: LinearLayer | ActivationLayer,
  { squareLevels, bootstrap }: CircuitParameters,
  graph: LayerGraph,
): number {
  if (layer.kind === 'linear') {
    return 1;
  }
  if (layer.function.name === 'quadratic') {
    return squareLevels;
  }
  if (bootstrap === undefined) {
    throw new FheError(
      'ERR_PROFILE',
      `network ${graph.network} has ReLU activations, and its parameters have no bootstrap`,
    );
  }
  return chebyshevDepth(bootstrap.reluDegree);
}

/** An activation reads the activation's scale; what is read by linear layers alone has the scale of a square. */
function linearScale(layer: LinearLayer, graph: LayerGraph, parameters: CircuitParameters): number {
  if (layer.name === graph.output) {
    return parameters.outputScale;
  }
  const activated = graph.layers.some((reader) => reader.kind === 'activation' && reader.source === layer.name);
  return activated ? parameters.activationScale : parameters.inputScale;
}

function activationScale(layer: ActivationLayer, source: number, { squareLevels }: CircuitParameters): number {
  return layer.function.name === 'quadratic' && squareLevels === 0 ? source ** 2 : source;
}
