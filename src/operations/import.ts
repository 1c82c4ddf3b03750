import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import { type ActivationChoice, type Calibrated, calibrate, mostSamples } from '../network/calibration/calibrate.js';
import { type Calibration, isLabel } from '../network/folder/description.js';
import { descriptionFile, weightsFile } from '../network/folder/limits.js';
import { encodeNetwork } from '../network/folder/write.js';
import {
  type ActivationFunction,
  type ActivationRange,
  activationsOf,
  type Graph,
  type GraphInput,
  type GraphOutput,
  inputOf,
  outputOf,
  type Shape,
} from '../network/graph.js';
import { importOnnx } from '../network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../network/import/onnx/model.js';
import { notice, type OperationControls, warn } from '../sessions/events.js';
import { throwIfCancelled } from '../sessions/run-stages.js';
import { writeFileAtomically } from '../store/atomic-file.js';
import { writeError } from '../store/file-error.js';
import { readCalibrationSamples } from './calibration-samples.js';
import { checkOptions } from './check-options.js';

export interface ImportOptions extends OperationControls {
  /** ONNX file. */
  readonly model: string;
  /** Folder to make for the network; one that holds a network is written again. */
  readonly out: string;
  /** Folder of pictures, or of NumPy files, on which ranges of activations are measured. */
  readonly calibrate?: string | undefined;
  /** Samples that are taken from it; default: 256. */
  readonly samples?: number | undefined;
  /** What becomes of activations; default: they are kept, and approximated when the network is planned. */
  readonly activation?: ActivationChoice | undefined;
  /** Bounds are so many times the largest magnitude that was seen; default: 1.25. */
  readonly margin?: number | undefined;
  /** Per channel or one for all, of pixels divided by 255; default: 0 and 1. */
  readonly mean?: readonly number[] | undefined;
  readonly deviation?: readonly number[] | undefined;
  /** Channels, height and width, where the model leaves them open. */
  readonly shape?: Shape | undefined;
  /** Text file with the name of a score in each line. */
  readonly classes?: string | undefined;
}

/** One activation of the network. */
export interface ImportedActivation {
  readonly name: string;
  readonly function: ActivationFunction['name'];
  /** Undefined where none was measured. */
  readonly range: ActivationRange | undefined;
}

export interface ImportedNetwork {
  readonly network: string;
  /** The folder that was written. */
  readonly folder: string;
  /** The program that wrote the model, as it says. */
  readonly producer: string;
  readonly input: GraphInput;
  readonly output: GraphOutput;
  readonly operations: number;
  /** Numbers in its weights. */
  readonly parameters: number;
  readonly activations: readonly ImportedActivation[];
  readonly calibration: Calibration | undefined;
}

const defaultSamples = 256;
const defaultMargin = 1.25;
/** Beyond this an activation's range is called wide. */
const wideBound = 64;
/** So many times the quantile is called a long tail. */
const longTail = 4;

/**
 * Makes a network's folder of an ONNX model. Throws ERR_NETWORK, naming file and operator, for what can't be computed under
 * encryption, ERR_USAGE, ERR_DATA, and ERR_FILE for a folder that holds something else.
 */
export async function importNetwork(options: ImportOptions): Promise<ImportedNetwork> {
  checkOptions(options, 'model', 'out');
  const { activation = { kind: 'keep' }, out } = options;
  if (activation.kind !== 'keep' && options.calibrate === undefined) {
    throw new FheError(
      'ERR_USAGE',
      '--activation: functions are fitted to what they read; name pictures: --calibrate DIR',
    );
  }
  await checkFolder(out);
  const model = await readOnnxModel(options.model);
  const classes = options.classes === undefined ? undefined : await readClasses(options.classes);
  const { shape, mean, deviation } = options;
  const { graph: imported, notices } = importOnnx(model, { shape, mean, deviation, classes });
  for (const text of notices) {
    notice(options, text);
  }
  const { graph, calibration } = await calibrated(imported, activation, options);
  report(graph, calibration, activation, options);
  const parameters = await writeFolder(out, graph, calibration);
  return {
    network: graph.name,
    folder: out,
    producer: model.producer,
    input: inputOf(graph),
    output: outputOf(graph),
    operations: graph.nodes.length,
    parameters,
    activations: activationsOf(graph).map(({ name, function: by, range }) => ({ name, function: by.name, range })),
    calibration,
  };
}

async function calibrated(
  graph: Graph,
  activation: ActivationChoice,
  options: ImportOptions,
): Promise<{ readonly graph: Graph; readonly calibration: Calibrated['calibration'] | undefined }> {
  if (options.calibrate === undefined) {
    return { graph, calibration: undefined };
  }
  const wanted = options.samples ?? defaultSamples;
  const most = Math.min(wanted, mostSamples(graph));
  if (most < wanted) {
    notice(options, `${most} samples at most are taken: their values fill a gigabyte`);
  }
  const samples = await readCalibrationSamples(options.calibrate, inputOf(graph), most, options);
  return calibrate(graph, samples.measured, samples.heldOut, {
    activation,
    margin: options.margin ?? defaultMargin,
    onNode: (text, done, total) => {
      throwIfCancelled(options.signal);
      options.onEvent?.({ event: 'progress', phase: 'images', text, done, total, secondsLeft: undefined });
    },
  });
}

/** Says what a user should know of the ranges. */
function report(
  graph: Graph,
  calibration: Calibration | undefined,
  activation: ActivationChoice,
  options: ImportOptions,
): void {
  const caution = (text: string): void => warn(options, new FheError('ERR_RANGE', text));
  if (calibration === undefined) {
    if (activationsOf(graph).length > 0) {
      caution(
        'no ranges of activations were measured: the network can not be planned yet; import it with --calibrate DIR',
      );
    }
    return;
  }
  if (activation.kind === 'square') {
    notice(options, 'activations became squares: train the network with them, or its accuracy suffers');
  }
  for (const { name, range } of activationsOf(graph)) {
    if (range !== undefined && (range.bound > wideBound || range.max > longTail * range.quantile9999)) {
      caution(
        `${name}: a wide range, up to ${range.max.toPrecision(3)}, of which all but one in ten thousand are within ` +
          `${range.quantile9999.toPrecision(3)}; precision is lost there, and training with smaller values mends it`,
      );
    }
  }
  if (calibration.outOfRange > 0) {
    const percent = (100 * calibration.outOfRange).toPrecision(2);
    caution(
      `${percent} % of ${calibration.heldOut} held-out samples left a bound; take more samples, or a larger --margin`,
    );
  }
}

/** Throws ERR_FILE where the folder holds anything but a network. */
async function checkFolder(folder: string): Promise<void> {
  let present: string[];
  try {
    present = await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      return;
    }
    throw new FheError('ERR_FILE', `${folder}: expected a folder to write to (${code})`, { cause });
  }
  if (present.length > 0 && !present.includes(descriptionFile)) {
    throw new FheError('ERR_FILE', `${folder}: not empty, and no network's folder; name a new one`);
  }
}

/** Writes both files; returns how many numbers the weights have. */
async function writeFolder(folder: string, graph: Graph, calibration: Calibration | undefined): Promise<number> {
  const { description, weights, parameters } = encodeNetwork(graph, calibration);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw writeError(cause, folder, undefined);
  }
  await writeFileAtomically(join(folder, weightsFile), [weights]);
  await writeFileAtomically(join(folder, descriptionFile), [Buffer.from(description)]);
  return parameters;
}

async function readClasses(file: string): Promise<string[]> {
  const bytes = await readInputFile(file, { expected: 'a text file of class names', maximumBytes: 2 ** 20 });
  const lines = bytes.toString('utf8').split(/\r?\n/);
  const names = (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((line) => line.trim());
  const wrong = names.findIndex((name) => !isLabel(name));
  if (names.length === 0 || wrong >= 0) {
    throw new FheError(
      'ERR_DATA',
      `${file}: line ${wrong + 1} is empty, too long or no text; expected a name in each line`,
    );
  }
  return names;
}
