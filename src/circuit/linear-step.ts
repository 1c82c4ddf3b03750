import type { LinearOutput, LinearStep } from './circuit.js';

type Outputs = Pick<LinearStep, 'outputs'>;

/** Diagonals that a step multiplies by, over all outputs and terms. */
export function diagonalCount({ outputs }: Outputs): number {
  return outputs.reduce(
    (sum, { terms }) => sum + terms.reduce((count, { diagonals }) => count + diagonals.offsets.length, 0),
    0,
  );
}

/** The one period of all diagonals and biases of a step. */
export function periodOf({ outputs }: Outputs): number {
  return outputs[0]!.bias.length;
}

/** Every offset of every term. */
export function offsetsOf({ outputs }: Outputs): ReadonlySet<number> {
  return new Set(outputs.flatMap(({ terms }) => terms.flatMap(({ diagonals }) => diagonals.offsets)));
}

/** A step that writes one of the outputs. */
export function stepOfOutput(step: LinearStep, output: LinearOutput): LinearStep {
  return { ...step, outputs: [output] };
}
