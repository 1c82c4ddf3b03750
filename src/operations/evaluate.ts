import { openEngine } from '../engine/registry.js';
import { checkMemory, effectiveMemoryBudget } from '../sessions/capacity-check.js';
import { payloadsOf } from '../sessions/client.js';
import { checkGroups, type DeploymentChoice } from '../sessions/deployment.js';
import { EvaluationSession, evaluatePayloads } from '../sessions/evaluation.js';
import type { OperationControls } from '../sessions/events.js';
import { ciphertextsOf, findKeysFor, requireFor, verification } from '../sessions/keys.js';
import { machineRates } from '../sessions/machine-rates.js';
import { CircuitSource, modelOf } from '../sessions/model.js';
import { readCiphertextFile, writeCiphertextFile } from '../store/ciphertext-file.js';
import { openEvaluationKeys } from '../store/key-set.js';
import { checkOptions } from './check-options.js';
import { disposing } from './disposing.js';
import { peakRssBytes } from './key-set-summary.js';
import { checkOutputFile } from './output-file.js';
import { reportProtection } from './protection.js';
import { checkTraceFile, writeTrace } from './trace.js';

export interface EvaluateOptions extends OperationControls, Omit<DeploymentChoice, 'profile'> {
  /** A ciphertext file made by `encrypt`. */
  readonly input: string;
  /** A key set's folder, its `evaluation` folder or a profile; default: the current set, else the default profile's. */
  readonly keys?: string | undefined;
  readonly threads?: number | undefined;
  /** Bytes. */
  readonly memoryBudget?: number | undefined;
  readonly trace?: string | undefined;
  /** The file for the encrypted scores. */
  readonly out: string;
}

export interface Evaluation {
  readonly out: string;
  readonly profile: string;
  readonly images: number;
  /** Of all encrypted scores. */
  readonly bytes: number;
  readonly seconds: { readonly total: number; readonly load: number; readonly circuit: number };
  readonly peakRssBytes: number;
}

/** Runs the network on a ciphertext file. Reads evaluation keys only; a secret key need not exist on this machine. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  checkOptions(options, 'input', 'out');
  const started = performance.now();
  await checkOutputFile(options.out, [options.input]);
  await checkTraceFile(options.trace, [options.input, options.out]);
  const folder = await findKeysFor(options);
  const keys = await openEvaluationKeys(folder);
  const { manifest } = keys;
  const { header, payloads } = await readCiphertextFile(options.input, { kind: 'input', ...ciphertextsOf(manifest) });
  const model = await modelOf(keys, options);
  const circuits = new CircuitSource(model);
  checkGroups(options.input, header.images, payloads.length, model, 'input');
  checkMemory(circuits, header.images, options.memoryBudget);
  const { engine, libraryVersion } = await openEngine(model.profile.parameters);
  using _engine = disposing(engine);
  requireFor(keys, model, { engine: engine.name, libraryVersion });
  const rates = await machineRates(engine.name, options.threads);
  const evaluator = await engine.openEvaluator(keys, {
    ...verification(options),
    threads: options.threads,
    memoryBudget: effectiveMemoryBudget(options.memoryBudget),
  });
  using session = new EvaluationSession(circuits, evaluator, rates);
  reportProtection(options, model.profile, engine.encrypted);
  const loaded = performance.now();

  const evaluated = await evaluatePayloads(session, payloads, header.images, options);
  const computed = performance.now();
  const results = payloadsOf(evaluated.groups);
  await writeCiphertextFile(options.out, { ...header, kind: 'result' }, results);
  await writeTrace(options.trace, model, rates, header.images, evaluated.trace, options);
  return {
    out: options.out,
    profile: model.profile.name,
    images: header.images,
    bytes: results.reduce((sum, payload) => sum + payload.length, 0),
    seconds: {
      total: (performance.now() - started) / 1000,
      load: (loaded - started) / 1000,
      circuit: (computed - loaded) / 1000,
    },
    peakRssBytes: peakRssBytes(),
  };
}
