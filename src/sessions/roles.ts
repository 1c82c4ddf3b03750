import type { Profile } from '../catalogue/profile.js';
import type { Rates } from '../cost/rates.js';
import type { Client } from '../engine/engine.js';
import { openEngine } from '../engine/registry.js';
import { openSimulator, type SimulatorOptions } from '../engine/simulator/simulator.js';
import { FheError } from '../errors.js';
import type { EngineName } from '../scheme/parameters.js';
import { openKeySet } from '../store/key-set.js';
import { effectiveMemoryBudget } from './capacity-check.js';
import { type DeploymentChoice, loadDeployment } from './deployment.js';
import { EvaluationSession } from './evaluation.js';
import { detail, type OperationControls } from './events.js';
import { findKeysFor, requireFor, verification } from './keys.js';
import { machineRates } from './machine-rates.js';
import { CircuitSource, loadModel, type Model, modelOf } from './model.js';

export interface RolesOptions extends OperationControls, DeploymentChoice {
  readonly keys?: string | undefined;
  readonly engine?: EngineName | undefined;
  readonly threads?: number | undefined;
  readonly memoryBudget?: number | undefined;
}

/** Both sides of the computation in one process: the holder of the secret key, and the evaluator without it. */
export interface Roles extends Disposable {
  readonly model: Model;
  readonly circuits: CircuitSource;
  readonly engine: EngineName;
  readonly encrypted: boolean;
  readonly client: Client;
  readonly session: EvaluationSession;
  /** What predictions of the session's steps are made with. */
  readonly rates: Rates;
  /** Of the evaluation keys; 0 for the simulator. */
  readonly keyBytes: number;
}

/** Checks that can fail for reasons other than the keys; called before keys are read, which may take a minute. */
export type Preparation = (circuits: CircuitSource) => void | Promise<void>;

/**
 * Opens the simulator, or a key set and its engine. Throws ERR_USAGE for options that contradict each other, what
 * finding, verifying and opening keys throws, and what `prepare` throws.
 */
export async function openRoles(
  options: RolesOptions,
  simulation: SimulatorOptions = {},
  prepare: Preparation = () => {},
): Promise<Roles> {
  return options.engine === 'simulator'
    ? openSimulatedRoles(options, simulation, prepare)
    : openEncryptedRoles(options, prepare);
}

async function openSimulatedRoles(
  options: RolesOptions,
  simulation: SimulatorOptions,
  prepare: Preparation,
): Promise<Roles> {
  if (options.keys !== undefined) {
    throw new FheError('ERR_USAGE', '--keys: the simulator encrypts nothing and takes no keys; leave it out');
  }
  const model = await loadModel(options);
  const circuits = new CircuitSource(model);
  await prepare(circuits);
  const engine = openSimulator(model.profile.parameters, { liveColumnsOnly: true, ...simulation });
  const { client, evaluator } = engine.openWithoutKeys();
  const rates = await machineRates(engine.name);
  return {
    model,
    circuits,
    engine: 'simulator',
    encrypted: false,
    client,
    session: new EvaluationSession(circuits, evaluator, rates),
    rates,
    keyBytes: 0,
    [Symbol.dispose]: () => disposeAll(evaluator, client, engine),
  };
}

async function openEncryptedRoles(options: RolesOptions, prepare: Preparation): Promise<Roles> {
  const chosen = options.profile ?? options.network;
  const named = chosen === undefined ? undefined : (await loadDeployment(options)).profile;
  checkEngine(options.engine, named);
  const folder = await findKeysFor(options);
  const { secret, evaluation } = await openKeySet(folder, named === undefined ? {} : { profile: named.name });
  detail(options, `keys ${folder}`);
  const model = await modelOf(evaluation, options);
  checkEngine(options.engine, model.profile);
  const circuits = new CircuitSource(model);
  await prepare(circuits);
  const { engine, libraryVersion } = await openEngine(model.profile.parameters);
  try {
    const user = { engine: engine.name, libraryVersion };
    requireFor(secret, model, user);
    requireFor(evaluation, model, user);
    const { threads } = options;
    const memoryBudget = effectiveMemoryBudget(options.memoryBudget);
    const rates = await machineRates(engine.name, threads);
    const client = await engine.openClient(secret, verification(options));
    const evaluator = await engine.openEvaluator(evaluation, { ...verification(options), threads, memoryBudget });
    return {
      model,
      circuits,
      engine: engine.name,
      encrypted: engine.encrypted,
      client,
      session: new EvaluationSession(circuits, evaluator, rates),
      rates,
      keyBytes: evaluation.bytes,
      [Symbol.dispose]: () => disposeAll(evaluator, client, engine),
    };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

function checkEngine(engine: EngineName | undefined, profile: Profile | undefined): void {
  const own = profile?.parameters.engine;
  if (engine !== undefined && own !== undefined && engine !== own) {
    throw new FheError('ERR_USAGE', `--engine: ${profile?.name} is for the engine ${own}, found ${engine}`);
  }
}

function disposeAll(...objects: readonly { dispose(): void }[]): void {
  for (const object of objects) {
    object.dispose();
  }
}
