import { availableParallelism } from 'node:os';
import type { NoiseModel } from '../engine/simulator/noise.js';
import { FheError } from '../errors.js';
import { type DataSetListener, type DataSetShape, type LabelledImage, readDataSet } from '../image/data-set.js';
import type { EngineName } from '../scheme/parameters.js';
import { checkMemory } from '../sessions/capacity-check.js';
import { type Deployment, maximumImages } from '../sessions/deployment.js';
import { notice } from '../sessions/events.js';
import { loadModel, type Model } from '../sessions/model.js';
import { openRoles, type RolesOptions } from '../sessions/roles.js';
import { throwIfCancelled } from '../sessions/run-stages.js';
import { checkOptions } from './check-options.js';
import { classifierOver, type ImageClassifier, type ImageScores } from './image-classifier.js';
import { differences, largestIndex, mean } from './prediction.js';
import { reportProtection } from './protection.js';
import { workerClassifier } from './worker-classifier.js';

export interface AccuracyOptions extends RolesOptions {
  /** A folder with one folder per class, or with binary batches, as those of CIFAR-10. */
  readonly data: string;
  /** At most so many images, from the first on; the folders of the classes take turns. */
  readonly limit?: number | undefined;
  /** Simulator only: with the noise that the profile predicts (default) or without. */
  readonly noise?: boolean | undefined;
  /** Simulator only: instead, noise of 2^-precision after each bootstrap or, where there are none, each rescale. */
  readonly precision?: number | undefined;
}

export interface Accuracy {
  readonly profile: string;
  readonly engine: EngineName;
  readonly encrypted: boolean;
  readonly images: number;
  /** Files that are named as pictures and could not be taken; they count in nothing else. */
  readonly skipped: number;
  /** Images whose answer was refused because the network's numbers left their range; their class counts as wrong. */
  readonly refused: number;
  /** Fractions of 1. */
  readonly accuracy: number;
  readonly plainAccuracy: number;
  /** Images that get the class that the plain network gives them. */
  readonly agreement: number;
  /** Of a score, against the plain network; null where every image was refused. */
  readonly meanError: number | null;
  readonly maxError: number | null;
  readonly seconds: number;
}

/**
 * Classifies labelled images, encrypted one ciphertext after another, or on the simulator in as many threads as asked
 * for. Throws ERR_DATA, ERR_USAGE for options that contradict each other, and what opening keys and running the circuit throw.
 */
export async function accuracy(options: AccuracyOptions): Promise<Accuracy> {
  checkOptions(options, 'data');
  const started = performance.now();
  const { model, engine, classifiers } = await openClassifiers(options);
  try {
    const encrypted = engine !== 'simulator';
    reportProtection(options, model.profile, encrypted);
    const tally = new Tally();
    const skipped = new SkippedFiles(options);
    const groups = groupsOf(options, model, skipped);
    const work = async (classifier: ImageClassifier): Promise<void> => {
      for (let next = await groups.next(); !next.done; next = await groups.next()) {
        throwIfCancelled(options.signal);
        tally.add(next.value, await classifier.classify(next.value.map((image) => image.pixels)));
        reportProgress(options, tally.images, started);
      }
    };
    await Promise.all(classifiers.map(work));
    skipped.reportRest();
    const seconds = (performance.now() - started) / 1000;
    return { profile: model.profile.name, engine, encrypted, skipped: skipped.count, ...tally.result(), seconds };
  } finally {
    await Promise.all(classifiers.map((classifier) => classifier.close()));
  }
}

interface OpenedClassifiers {
  readonly model: Model;
  readonly engine: EngineName;
  readonly classifiers: readonly ImageClassifier[];
}

async function openClassifiers(options: AccuracyOptions): Promise<OpenedClassifiers> {
  const noise = noiseOf(options);
  const threads = options.threads ?? availableParallelism();
  if (options.engine !== 'simulator' || threads === 1) {
    const roles = await openRoles(options, { noise }, async (circuits) => {
      if (options.engine !== 'simulator') {
        const maximum = maximumImages(circuits.model);
        checkMemory(circuits, Math.min(options.limit ?? maximum, maximum), options.memoryBudget);
      }
      await requireImages(options.data, circuits.model);
    });
    const { onEvent: _, ...silent } = options;
    return { model: roles.model, engine: roles.engine, classifiers: [classifierOver(roles, silent)] };
  }
  const { profile, weights, network } = options;
  const choice = { profile, weights, network };
  const model = await loadModel(choice);
  await requireImages(options.data, model);
  const classifiers = Array.from({ length: threads }, (_, seed) => workerClassifier({ choice, noise, seed }));
  return { model, engine: 'simulator', classifiers };
}

function noiseOf({ engine, noise, precision }: AccuracyOptions): NoiseModel {
  const given = precision !== undefined ? '--precision' : noise === false ? '--no-noise' : undefined;
  if (given !== undefined && engine !== 'simulator') {
    throw new FheError('ERR_USAGE', `${given}: only the simulator has noise to choose; give --engine simulator`);
  }
  if (precision === undefined) {
    return noise === false ? 'none' : 'predicted';
  }
  if (noise === false) {
    throw new FheError('ERR_USAGE', '--precision and --no-noise contradict each other; leave one out');
  }
  return { precisionBits: precision };
}

/** The pictures and classes of a deployment's network. Throws ERR_NETWORK for one that is no classifier of pictures. */
export function dataSetShapeOf({ plan, profile }: Deployment): DataSetShape {
  const { encoding } = plan.output;
  if (encoding.kind !== 'scores' || plan.input.encoding.kind !== 'picture') {
    throw new FheError(
      'ERR_NETWORK',
      `${profile.name}: accuracy is measured of networks that classify pictures; this one takes ` +
        `${plan.input.encoding.kind} and gives ${encoding.kind}`,
    );
  }
  return { classes: encoding.classes, picture: plan.input.encoding.shape };
}

/** Throws ERR_DATA for a data set that can't be read or has no image. */
async function requireImages(data: string, model: Model): Promise<void> {
  const reasons: string[] = [];
  for await (const _ of readDataSet(data, dataSetShapeOf(model), {
    onSkipped: (reason) => reasons.push(reason),
  })) {
    return;
  }
  throw new FheError('ERR_DATA', `${data}: no image of ${reasons.length} can be taken; ${reasons[0] ?? 'it is empty'}`);
}

/** Says which files were skipped: the first ones by name, the rest by number. */
class SkippedFiles implements DataSetListener {
  count = 0;
  private static readonly named = 10;

  constructor(private readonly controls: AccuracyOptions) {}

  readonly onSkipped = (reason: string): void => {
    this.count++;
    if (this.count <= SkippedFiles.named) {
      notice(this.controls, `skipped: ${reason}`);
    }
  };

  readonly onNotice = (text: string): void => notice(this.controls, text);

  reportRest(): void {
    const rest = this.count - SkippedFiles.named;
    if (rest > 0) {
      notice(this.controls, `skipped: ${rest} more`);
    }
  }
}

/** The data set in groups that fill a ciphertext. */
async function* groupsOf(
  options: AccuracyOptions,
  model: Model,
  listener: DataSetListener,
): AsyncGenerator<LabelledImage[], undefined> {
  let group: LabelledImage[] = [];
  let count = 0;
  for await (const image of readDataSet(options.data, dataSetShapeOf(model), listener)) {
    group.push(image);
    count++;
    if (group.length === maximumImages(model) || count === options.limit) {
      yield group;
      group = [];
    }
    if (count === options.limit) {
      return;
    }
  }
  if (group.length > 0) {
    yield group;
  }
}

function reportProgress(options: AccuracyOptions, done: number, started: number): void {
  const total = options.limit ?? 0;
  const elapsed = (performance.now() - started) / 1000;
  const secondsLeft = total < done ? undefined : (elapsed / done) * (total - done);
  options.onEvent?.({ event: 'progress', phase: 'images', text: `${done} classified`, done, total, secondsLeft });
}

/** Counts as results come in, in any order. */
class Tally {
  images = 0;
  private refused = 0;
  private right = 0;
  private plainRight = 0;
  private agreeing = 0;
  private readonly meanErrors: number[] = [];
  private maxError = 0;

  add(images: readonly LabelledImage[], results: readonly ImageScores[]): void {
    for (const [index, { scores, plainScores }] of results.entries()) {
      const label = images[index]?.label;
      this.images++;
      this.plainRight += Number(largestIndex(plainScores) === label);
      if (scores === undefined) {
        this.refused++;
        continue;
      }
      const errors = differences(scores, plainScores);
      this.right += Number(largestIndex(scores) === label);
      this.agreeing += Number(largestIndex(scores) === largestIndex(plainScores));
      this.meanErrors.push(mean(errors));
      this.maxError = Math.max(this.maxError, ...errors);
    }
  }

  result(): Omit<Accuracy, 'profile' | 'engine' | 'encrypted' | 'skipped' | 'seconds'> {
    const answered = this.meanErrors.length > 0;
    return {
      images: this.images,
      refused: this.refused,
      accuracy: this.right / this.images,
      plainAccuracy: this.plainRight / this.images,
      agreement: this.agreeing / this.images,
      meanError: answered ? mean(this.meanErrors) : null,
      maxError: answered ? this.maxError : null,
    };
  }
}
