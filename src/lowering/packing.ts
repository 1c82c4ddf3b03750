import { extentOf } from '../circuit/layout.js';
import type { Packing } from '../circuit/port.js';
import type { Graph } from '../network/graph.js';
import { circuitParameters } from '../scheme/circuit-parameters.js';
import type { Parameters } from '../scheme/parameters.js';
import { columnsOutermost } from './layouts/columns-outermost.js';
import type { LayoutStrategy } from './layouts/strategy.js';
import { layersOf } from './lower.js';

/** All positions, and the imaginary part where the engine can use it. */
export function largestPacking(
  graph: Graph,
  parameters: Parameters,
  strategy: LayoutStrategy = columnsOutermost,
): Packing {
  const { slots, imaginaryImages } = circuitParameters(parameters);
  const layout = strategy.input(strategy.prepare(layersOf(graph)).graph, slots);
  return { positions: extentOf(layout, 'image'), imaginary: imaginaryImages };
}
