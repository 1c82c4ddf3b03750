import { createHash } from 'node:crypto';
import type { Tensor } from '../../tensor/tensor.js';
import type { Graph } from '../graph.js';
import { encodeSafetensors } from '../weights/safetensors-writer.js';
import { type Calibration, formatDescription } from './description.js';
import { weightsFile } from './limits.js';
import { writeOperation } from './operations.js';

/** The two files of a network's folder. */
export interface EncodedNetwork {
  readonly description: string;
  /** safetensors, float32 */
  readonly weights: Uint8Array;
  /** Numbers in the weights. */
  readonly parameters: number;
}

/** A network as its folder holds it; numbers are rounded to float32. `graph.weightsHash` is not looked at. */
export function encodeNetwork(graph: Graph, calibration: Calibration | undefined): EncodedNetwork {
  const tensors = new Map<string, Tensor>();
  const nodes = graph.nodes.map(({ name, inputs, ...operation }) => {
    const written = writeOperation(operation, (field, kept) => {
      tensors.set(`${name}.${field}`, kept);
      return `${name}.${field}`;
    });
    return { name, kind: operation.kind, inputs, ...written };
  });
  const weights = encodeSafetensors(tensors);
  const sha256 = createHash('sha256').update(weights).digest('hex');
  const { name, inputs, outputs } = graph;
  const description = formatDescription(
    { name, inputs, outputs, weights: { file: weightsFile, sha256 }, calibration },
    nodes,
  );
  const parameters = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { description, weights, parameters };
}
