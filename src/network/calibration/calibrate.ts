import { FheError } from '../../errors.js';
import { elementCount, type Tensor } from '../../tensor/tensor.js';
import { functionOf } from '../activation-functions.js';
import type { Calibration } from '../folder/description.js';
import { evaluateNode } from '../forward.js';
import { type Activation, type ActivationFunction, type Graph, inputOf, type Node } from '../graph.js';
import { shapesOf } from '../shapes.js';
import { fitPolynomial, fitQuadratic } from './fit.js';
import { largestMagnitude, rangeOfInputs } from './statistics.js';

/** What becomes of activations that are neither quadratic nor polynomials. */
export type ActivationChoice =
  | { readonly kind: 'keep' }
  | { readonly kind: 'square' }
  | { readonly kind: 'polynomial'; readonly degree: number };

export interface CalibrateOptions {
  readonly activation: ActivationChoice;
  /** A bound is this many times the largest magnitude that is seen. */
  readonly margin: number;
  /** Told after each node; may throw to end the measurement. */
  readonly onNode?: ((name: string, done: number, total: number) => void) | undefined;
}

export interface Calibrated {
  /** With ranges, and a bound of the output. */
  readonly graph: Graph;
  readonly calibration: Calibration;
}

/** Numbers of samples that are held at a time: 1 GiB of them. */
const mostHeld = 2 ** 27;
/** Answers beyond this many times the largest that was seen are no answers. */
const outputMargin = 4;

/** The number of samples, none held out, for which the values that are needed at one time fit the memory. */
export function mostSamples(graph: Graph): number {
  const shapes = shapesOf(graph);
  const lastReader = lastReaders(graph);
  let held = elementCount(inputOf(graph).shape);
  let most = held;
  for (const node of graph.nodes) {
    held += elementCount(shapes.get(node.name)!);
    most = Math.max(most, held);
    for (const name of new Set(node.inputs)) {
      held -= lastReader.get(name) === node.name ? elementCount(shapes.get(name)!) : 0;
    }
  }
  return Math.max(1, Math.floor(mostHeld / most));
}

/**
 * Measures what every activation reads over the samples, node after node, so that an activation that is replaced changes
 * what those behind it read, and tries the bounds on others. Samples have the input's shape, normalised.
 */
export async function calibrate(
  graph: Graph,
  samples: readonly Tensor[],
  heldOut: readonly Tensor[],
  options: CalibrateOptions,
): Promise<Calibrated> {
  const { margin } = options;
  const total = 2 * graph.nodes.length;
  let done = 0;
  const step = async (name: string): Promise<void> => {
    done++;
    options.onNode?.(name, done, total);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const nodes: Node[] = [];
  const outputs = await evaluateAll(
    graph,
    samples,
    (node, inputs) => {
      const measured = node.kind === 'activation' ? measuredActivation(node, inputs, options) : node;
      nodes.push(measured);
      return measured;
    },
    step,
  );
  const bounds = graph.outputs.map((output) => ({
    ...output,
    bound: outputMargin * (largestMagnitude(outputs.get(output.name)!) || 1),
  }));
  const measured: Graph = { ...graph, nodes, outputs: bounds };
  const outside = await countOutside(measured, heldOut, step);
  const outOfRange = heldOut.length === 0 ? 0 : outside / heldOut.length;
  return { graph: measured, calibration: { samples: samples.length, heldOut: heldOut.length, margin, outOfRange } };
}

function measuredActivation(
  node: Node<Activation>,
  inputs: readonly Tensor[],
  { activation, margin }: CalibrateOptions,
): Node<Activation> {
  const range = rangeOfInputs(inputs, margin);
  if (!Number.isFinite(range.bound)) {
    throw new FheError(
      'ERR_NETWORK',
      `${node.name}: its inputs grow beyond all bounds, as squares without training do; keep the functions ` +
        '(--activation keep), or train the network with squares',
    );
  }
  return { ...node, range, function: replaced(node.function, activation, inputs, range.bound) };
}

function replaced(
  by: ActivationFunction,
  choice: ActivationChoice,
  inputs: readonly Tensor[],
  bound: number,
): ActivationFunction {
  if (choice.kind === 'keep' || by.name === 'quadratic' || by.name === 'polynomial') {
    return by;
  }
  const f = functionOf(by);
  return choice.kind === 'square'
    ? fitQuadratic(f, inputs, inputs[0]!.shape[0]!)
    : fitPolynomial(f, choice.degree, inputs, bound);
}

/** How many of the samples leave the bound of an activation's input somewhere. */
async function countOutside(
  graph: Graph,
  samples: readonly Tensor[],
  step: (name: string) => Promise<void>,
): Promise<number> {
  const outside = new Set<number>();
  await evaluateAll(
    graph,
    samples,
    (node, inputs) => {
      if (node.kind === 'activation' && node.range !== undefined) {
        for (const [index, input] of inputs.entries()) {
          // Written so that a number that is none counts as outside.
          if (!(largestMagnitude([input]) <= node.range.bound)) {
            outside.add(index);
          }
        }
      }
      return node;
    },
    step,
  );
  return outside.size;
}

/**
 * Evaluates all samples node by node; `visit` sees each node with its first input of every sample and returns the node to
 * evaluate. Returns the outputs' values.
 */
async function evaluateAll(
  graph: Graph,
  samples: readonly Tensor[],
  visit: (node: Node, inputs: readonly Tensor[]) => Node,
  step: (name: string) => Promise<void>,
): Promise<ReadonlyMap<string, readonly Tensor[]>> {
  const lastReader = lastReaders(graph);
  const values = new Map<string, readonly Tensor[]>([[inputOf(graph).name, samples]]);
  for (const original of graph.nodes) {
    const inputs = original.inputs.map((name) => values.get(name)!);
    const node = visit(original, inputs[0]!);
    values.set(
      node.name,
      samples.map((_, index) =>
        evaluateNode(
          node,
          inputs.map((tensors) => tensors[index]!),
        ),
      ),
    );
    for (const name of node.inputs) {
      if (lastReader.get(name) === node.name) {
        values.delete(name);
      }
    }
    await step(node.name);
  }
  return values;
}

/** The last node that reads each value; outputs are read to the end. */
function lastReaders(graph: Graph): ReadonlyMap<string, string> {
  const readers = new Map<string, string>();
  for (const { name, inputs } of graph.nodes) {
    for (const input of inputs) {
      readers.set(input, name);
    }
  }
  for (const { name } of graph.outputs) {
    readers.delete(name);
  }
  return readers;
}
