import { join } from 'node:path';
import type { EngineName } from '../scheme/parameters.js';
import { checkMemory } from '../sessions/capacity-check.js';
import { packageRoot } from '../sessions/package-files.js';
import { openRoles, type RolesOptions } from '../sessions/roles.js';
import { checkOptions } from './check-options.js';
import { classify } from './classify.js';
import { compareWithReferences } from './comparison.js';
import { type NetworkInput, readInputs } from './inputs.js';
import { peakRssBytes } from './key-set-summary.js';
import { checkOutputs, classesOf, type OutputFiles, reportUnchecked, writeOutputs } from './outputs.js';
import { type Prediction, predict } from './prediction.js';
import { estimateSecurity, reportProtection, type SecurityEstimate } from './protection.js';
import { checkTraceFile, writeTrace } from './trace.js';

export interface InferOptions extends RolesOptions, OutputFiles {
  /** PNG or JPEG files, or NumPy files for a network that takes values; default: the picture that comes with the program. */
  readonly inputs?: readonly string[] | undefined;
  /** Bring images of another size to the network's. */
  readonly resize?: boolean | undefined;
  /** Also compute what the plain network and the noiseless circuit say. */
  readonly compare?: boolean | undefined;
  /** File for the measured time and memory of each step. */
  readonly trace?: string | undefined;
}

export interface Inference {
  readonly profile: string;
  readonly engine: EngineName;
  readonly encrypted: boolean;
  /** Null when nothing is encrypted. */
  readonly security: SecurityEstimate | null;
  /** None where the network gives no scores. */
  readonly classes: readonly string[];
  readonly images: readonly Prediction[];
  readonly seconds: InferenceSeconds;
  readonly peakRssBytes: number;
  /** Of the evaluation keys; 0 when nothing is encrypted. */
  readonly keyBytes: number;
}

export interface InferenceSeconds {
  readonly total: number;
  /** Weights, plan and keys. */
  readonly load: number;
  readonly encrypt: number;
  readonly circuit: number;
  readonly decrypt: number;
}

/**
 * Encrypts images, runs the network on the ciphertexts and decrypts the scores. Images are packed into ciphertexts as
 * the profile allows; several ciphertexts are processed one after another. An image whose answer is noise has an error in
 * place of scores. Throws what its parts throw, among them ERR_KEY_MISSING, ERR_IMAGE_SHAPE, ERR_IMAGE_DECODE, ERR_MEMORY_BUDGET and ERR_CANCELLED.
 */
export async function infer(options: InferOptions = {}): Promise<Inference> {
  checkOptions(options);
  const inputs = options.inputs ?? [join(packageRoot, 'inputs', 'default.png')];
  const started = performance.now();
  await checkTraceFile(options.trace, inputs);
  let images: readonly NetworkInput[] = [];
  using roles = await openRoles(options, {}, async (prepared) => {
    images = await readInputs(inputs, prepared.model.plan.input.encoding, options.resize, options);
    await checkOutputs(options, prepared.model, images.length, inputs);
    prepared.plan(images.length);
    if (options.engine !== 'simulator') {
      checkMemory(prepared, images.length, options.memoryBudget);
    }
  });
  const { model, circuits, engine, encrypted, rates, keyBytes } = roles;
  const { profile } = model;
  const { output } = model.plan;
  reportUnchecked(options, model);
  reportProtection(options, profile, encrypted);
  const loaded = performance.now();

  const { answers, trace, seconds } = await classify(
    roles,
    images.map((image) => image.tensor),
    options,
  );
  const total = (performance.now() - started) / 1000;
  const peak = peakRssBytes();
  await writeTrace(options.trace, model, rates, images.length, trace, options);
  const predictions = images.map(({ input }, index) => predict(input, answers[index]!, output));
  await writeOutputs(options, model, predictions);
  return {
    profile: profile.name,
    engine,
    encrypted,
    security: encrypted ? estimateSecurity(profile.parameters) : null,
    classes: classesOf(model),
    images:
      options.compare === true
        ? await compareWithReferences(predictions, answers, images, circuits, options)
        : predictions,
    seconds: { total, load: (loaded - started) / 1000, ...seconds },
    peakRssBytes: peak,
    keyBytes,
  };
}
