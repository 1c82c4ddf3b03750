import { FheError } from '../errors.js';
import { encodePng } from '../image/encode-png.js';
import type { Deployment } from '../sessions/deployment.js';
import { notice, type OperationControls } from '../sessions/events.js';
import { writeFileAtomically } from '../store/atomic-file.js';
import { writeNpy } from '../tensor/npy.js';
import { tensor } from '../tensor/tensor.js';
import { checkOutputFile } from './output-file.js';
import { type Prediction, shapeOf } from './prediction.js';

/** Where a network's outputs are written, beside the result. */
export interface OutputFiles {
  /** PNG files for the pictures that a network gives, one for each input. */
  readonly outImages?: readonly string[] | undefined;
  /** NumPy file for the outputs of all inputs, [inputs, channels, height, width]; NaN where one was refused. */
  readonly outValues?: string | undefined;
}

/**
 * Throws ERR_USAGE for pictures of a network that gives none, or another number of files than inputs, and as
 * `checkOutputFile`.
 */
export async function checkOutputs(
  { outImages, outValues }: OutputFiles,
  { plan, profile }: Deployment,
  inputs: number,
  read: readonly string[],
): Promise<void> {
  const { encoding } = plan.output;
  if (outImages !== undefined && encoding.kind !== 'picture') {
    throw new FheError(
      'ERR_USAGE',
      `--out-image: ${profile.name} gives ${encoding.kind}, no picture; --out-values takes any output`,
    );
  }
  if (outImages !== undefined && outImages.length !== inputs) {
    throw new FheError(
      'ERR_USAGE',
      `--out-image: expected ${inputs} files, one for each input, found ${outImages.length}`,
    );
  }
  const files = [...(outImages ?? []), ...(outValues === undefined ? [] : [outValues])];
  for (const [index, file] of files.entries()) {
    await checkOutputFile(file, [...read, ...files.slice(0, index)]);
  }
}

/** Names of the classes of a network that gives scores, else none. */
export function classesOf({ plan }: Deployment): readonly string[] {
  return plan.output.encoding.kind === 'scores' ? plan.output.encoding.classes : [];
}

/** Says so where nothing in an answer tells whether it is noise. */
export function reportUnchecked(controls: OperationControls, { plan, profile }: Deployment): void {
  if (plan.output.zeros === undefined && plan.output.encoding.bound === undefined) {
    notice(
      controls,
      `${profile.name}: whether numbers left their range under encryption can't be told from its answers: they have no ` +
        'zero slots, and the network states no bound of its output',
    );
  }
}

/** Writes what was asked for. Throws ERR_FILE or ERR_DISK_FULL. */
export async function writeOutputs(
  { outImages, outValues }: OutputFiles,
  { plan }: Deployment,
  predictions: readonly Prediction[],
): Promise<void> {
  for (const [index, file] of (outImages ?? []).entries()) {
    const prediction = predictions[index];
    if (prediction?.values !== undefined) {
      const pixels = prediction.values.map((value) => 255 * value);
      await writeFileAtomically(file, [encodePng(tensor(prediction.shape, Float64Array.from(pixels)))]);
    }
  }
  if (outValues !== undefined) {
    const shape = shapeOf(plan.output.layout);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const data = predictions.flatMap(
      (found) => found.values ?? found.scores ?? new Array<number>(size).fill(Number.NaN),
    );
    await writeFileAtomically(outValues, [writeNpy(tensor([predictions.length, ...shape], Float64Array.from(data)))]);
  }
}
