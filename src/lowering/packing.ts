import { extentOf } from '../circuit/layout.js';
import { capacityOf, type Packing } from '../circuit/port.js';
import { FheError } from '../errors.js';
import type { Graph } from '../network/graph.js';
import { circuitParameters } from '../scheme/circuit-parameters.js';
import type { Profile } from '../scheme/parameters.js';
import { columnsOutermost } from './layouts/columns-outermost.js';
import type { LayoutStrategy } from './layouts/strategy.js';
import { layersOf } from './lower.js';

/** All positions, and the imaginary part where the engine can use it. */
export function largestPacking(graph: Graph, profile: Profile, strategy: LayoutStrategy = columnsOutermost): Packing {
  const { slots, imaginaryImages } = circuitParameters(profile);
  const layout = strategy.input(strategy.prepare(layersOf(graph)).graph, slots);
  return { positions: extentOf(layout, 'image'), imaginary: imaginaryImages };
}

/** The cheapest packing that holds the images. Throws ERR_USAGE when there are too many for one ciphertext, or none. */
export function packingFor(largest: Packing, imageCount: number, profile: string): Packing {
  const maximum = capacityOf(largest);
  if (imageCount < 1 || imageCount > maximum) {
    throw new FheError('ERR_USAGE', `profile ${profile} takes 1 to ${maximum} images at once, found ${imageCount}`);
  }
  const { positions } = largest;
  return { positions: Math.min(imageCount, positions), imaginary: imageCount > positions };
}
