import { extentOf } from '../circuit/layout.js';
import type { Packing } from '../circuit/port.js';
import { activationsOf, type Graph } from '../network/graph.js';
import { circuitParameters } from '../scheme/circuit-parameters.js';
import type { Parameters } from '../scheme/parameters.js';
import { columnsOutermost } from './layouts/columns-outermost.js';
import type { LayoutStrategy } from './layouts/strategy.js';
import { layersOf } from './lower.js';

/** All positions, and the imaginary part where the engine can use it: in squares part by part, not in polynomials. */
export function largestPacking(
  graph: Graph,
  parameters: Parameters,
  strategy: LayoutStrategy = columnsOutermost,
): Packing {
  const { slots, imaginaryImages } = circuitParameters(parameters);
  const layout = strategy.input(strategy.prepare(layersOf(graph)).graph, slots);
  const squaresAlone = activationsOf(graph).every((node) => node.function.name === 'quadratic');
  return { positions: extentOf(layout, 'image'), imaginary: imaginaryImages && squaresAlone };
}
