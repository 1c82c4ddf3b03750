import type { Pair } from '../network/graph.js';
import type { LayerGraph, LinearLayer } from './layers.js';
import type { LocalOperator } from './operators.js';

/**
 * How many of its input's rows and columns apart the neighbours in an operator's result are; below 1 for upsampling, and 1
 * where there are no neighbours.
 */
export function growthOf(operator: LocalOperator): Pair {
  if (operator.kind === 'upsample') {
    return [1 / operator.factor[0], 1 / operator.factor[1]];
  }
  const [, height, width] = operator.output;
  return [height === 1 ? 1 : operator.stride[0], width === 1 ? 1 : operator.stride[1]];
}

/** A linear layer, and how many rows and columns of the graph's input apart its neighbours are. */
export interface SpreadLayer {
  readonly layer: LinearLayer;
  readonly spread: Pair;
}

/** Every linear layer with its spread; fully connected layers have that of their input. */
export function spreadLayers(graph: LayerGraph): SpreadLayer[] {
  const spreads = new Map<string, Pair>([[graph.input.name, [1, 1]]]);
  const found: SpreadLayer[] = [];
  for (const layer of graph.layers) {
    if (layer.kind === 'activation') {
      spreads.set(layer.name, spreads.get(layer.source)!);
      continue;
    }
    const { source, operator } = layer.branches[0]!;
    const [rows, columns] = spreads.get(source)!;
    const growth = operator.kind === 'dense' ? [1, 1] : growthOf(operator);
    const spread: Pair = [rows * growth[0]!, columns * growth[1]!];
    spreads.set(layer.name, spread);
    found.push({ layer, spread });
  }
  return found;
}
